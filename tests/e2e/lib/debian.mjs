// Packages of Debian suites that this machine does not use, unpacked and never installed. apt gets a state of its own below
// build/: its lists and its source list; mirror and keyring are those that the machine is configured with.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { foreign } from './paths.mjs';
import { Process } from './process.mjs';

const kKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

export async function run(command, args, options) {
  const child = new Process(command, args, options);
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${child.log()}`);
  return child.stdout;
}

// Where the machine's own suite comes from.
async function mirror() {
  const { ID, VERSION_CODENAME } = Object.fromEntries(readFileSync('/etc/os-release', 'utf8').split('\n').map((line) => line.split('=')));
  const targets = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE)', 'Created-By: Packages']);
  const found = targets.split('\n').map((line) => line.split(' ')).find(([, release]) => release === VERSION_CODENAME);
  if (ID !== 'debian' || !found) throw new Error('this machine has no sources of Debian');
  return found[0];
}

export class Suite {
  static async open(name) {
    const suite = new Suite();
    const folder = join(foreign, 'apt', name);
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(folder, 'archives', 'partial'), { recursive: true });
    const sources = join(folder, 'sources.list');
    writeFileSync(sources, `deb ${existsSync(kKeyring) ? `[signed-by=${kKeyring}] ` : ''}${await mirror()} ${name} main\n`);
    suite.options = [`Dir::Etc::sourcelist=${sources}`, 'Dir::Etc::sourceparts=/dev/null', `Dir::State::lists=${join(folder, 'lists')}`,
      `Dir::Cache::archives=${join(folder, 'archives')}`, 'APT::Sandbox::User=root', 'Acquire::Languages=none', 'Acquire::Retries=2'].flatMap((option) => ['-o', option]);
    await run('apt-get', [...suite.options, '-qq', 'update']);
    return suite;
  }

  // The newest version that the suite has.
  async version(name) {
    const listed = await run('apt-cache', [...this.options, 'madison', name]);
    return listed.split('\n')[0].split('|')[1]?.trim();
  }

  async unpack(name, folder) {
    const archives = join(folder, '..', `${name}-archives`);
    rmSync(archives, { recursive: true, force: true });
    mkdirSync(archives, { recursive: true });
    await run('apt-get', [...this.options, '-qq', 'download', name], { cwd: archives });
    // Renamed when whole: a run that was cut short leaves nothing that looks unpacked.
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    await run('sh', ['-c', `dpkg-deb -x "${archives}"/*.deb "${partial}"`]);
    renameSync(partial, folder);
    rmSync(archives, { recursive: true, force: true });
  }
}
