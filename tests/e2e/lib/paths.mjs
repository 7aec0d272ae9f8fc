// Where things are: the tree, the build to be tested, the foreign servers.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const e2e = join(dirname(fileURLToPath(import.meta.url)), '..');
export const root = join(e2e, '..', '..');
export const build = process.env.CARDEA_BUILD ?? join(root, 'build', 'release');
export const foreign = process.env.CARDEA_PEERS ?? join(root, 'build', 'peers');
export const inBuild = (name) => join(build, name);
