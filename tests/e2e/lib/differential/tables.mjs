// The requests of a plugin and their parameters, as the module itself describes them.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { inBuild } from '../paths.mjs';

const kTypes = { 1: 'string', 2: 'integer', 3: 'number', 4: 'boolean', 5: 'object', 6: 'array', 7: 'id', 8: 'any' };
const kRequired = 1;

function param({ name, type, flags, element, fields, values }) {
  return { name, type: kTypes[type], required: (flags & kRequired) !== 0, element: kTypes[element], fields: fields?.map(param), values };
}

// name of the request -> { async, params }
export function requestsOf(module) {
  const run = spawnSync(inBuild('cardea-module-trial'), [join(inBuild('modules'), `${module}.so`)],
    { input: '', encoding: 'utf8', stdio: ['pipe', 'ignore', 'inherit', 'pipe'] });
  const description = JSON.parse(run.output[3].split('\n')[0]);
  if (!description.requests) throw new Error(`${module} describes no requests: ${run.output[3]}`);
  return new Map(description.requests.map(({ name, async: isAsync, params }) => [name, { async: isAsync, params: params.map(param) }]));
}
