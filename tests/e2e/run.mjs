// Runs the end-to-end tests one file at a time (one browser at a time): `npm test`, `npm test -- smoke`, `npm test -- full`,
// `npm test -- api.test.mjs`. What is in *.full.mjs needs more than the machine of an ordinary run has: see scripts/test --full.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const all = readdirSync(folder).filter((name) => name.endsWith('.test.mjs')).sort();
const wanted = process.argv.slice(2);
const smoke = ['browsers.test.mjs'];
const full = readdirSync(folder).filter((name) => name.endsWith('.full.mjs')).sort();
const files = wanted.includes('smoke') ? smoke : wanted.includes('full') ? full : wanted.length > 0 ? wanted : all;

let failed = false;
for (const file of files) {
  console.log(`== ${file}`);
  const run = spawnSync(process.execPath, ['--test', '--test-reporter=tap', '--test-concurrency=1', file], { cwd: folder, stdio: 'inherit' });
  failed ||= run.status !== 0;
}
process.exitCode = failed ? 1 : 0;
