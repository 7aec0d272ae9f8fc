// Gateways side by side under the same load: Debian's janus as shipped, the same with event_loops = 1, and Cardea. Runs alternate,
// every gateway is pinned to the same one core and the generator to another, and the result is Markdown tables of medians.
//   node compare.mjs [--rounds 3] [--seconds 10] [--only webinar,meetings] [--gateways janus,janus-one-loop,cardea,cardea-ipsec-mb,limit] [--out FILE] [--smoke]
import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';

import { endProcesses } from '../../e2e/lib/process.mjs';

import { allGateways, measure } from './gateways.mjs';
import { kinds } from './kinds.mjs';
import { scenarios, smoke } from './scenarios.mjs';
import { table } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '10' }, only: { type: 'string' },
    gateways: { type: 'string', default: allGateways.join(',') }, out: { type: 'string' }, smoke: { type: 'boolean', default: false },
  },
});

const kindOf = (scenario) => kinds[scenario.kind ?? 'media'];
const chosen = options.smoke ? smoke : scenarios(Number(options.seconds)).filter(({ group }) => !options.only || options.only.split(',').includes(group));
const gateways = options.gateways.split(',');
const rounds = options.smoke ? 1 : Number(options.rounds);
const results = [];
const broken = [];
for (const scenario of chosen) {
  for (let round = 0; round < rounds; ++round) {
    for (const gateway of gateways.filter((each) => !scenario.gateways || scenario.gateways.includes(each))) {
      const result = await measure(gateway, scenario.load).catch((problem) => ({ error: problem.message }));
      results.push({ scenario: scenario.name, gateway, result });
      if (result.error || !kindOf(scenario).isComplete(result)) broken.push(results.at(-1));
      console.error(`${scenario.name}, ${gateway}: ${result.error ?? kindOf(scenario).line(result)}`);
    }
  }
}
endProcesses();
const { model } = cpus()[0];
const head = `Measured ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${model}), Linux ${release()}, ${rounds} round(s); medians, [least - most].\n\n`;
const text = head + table(chosen, gateways, results);
if (options.out) writeFileSync(options.out, text);
else process.stdout.write(text);
if (options.smoke) {
  for (const { scenario, gateway, result } of broken) console.error(`${scenario}, ${gateway}: ${JSON.stringify(result)}`);
  process.exitCode = broken.length > 0 ? 1 : 0;
}
