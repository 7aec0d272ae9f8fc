// Results as Markdown: for each kind of scenario a table with one row for a scenario and a gateway, and what grows with size in one line.
import { kinds } from './kinds.mjs';

const kLossless = 0.5; // per cent; above that CPU per packet says nothing about cost, below it may be the edges of the window
const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => {
  const list = sorted(values);
  const middle = Math.floor(list.length / 2);
  return list.length % 2 === 1 ? list[middle] : (list[middle - 1] + list[middle]) / 2;
};
const line = (cells) => `| ${cells.join(' | ')} |\n`;
const rows = (titles, lines) => line(titles) + line(titles.map(() => '---')) + lines.map(line).join('');

// A figure that not every run has is left empty.
const valueOf = (value) => (result) => { try { return value(result); } catch { return undefined; } };
function cell(values, digits) {
  if (!values.every(Number.isFinite)) return '';
  const [least, most] = [sorted(values)[0], sorted(values).at(-1)].map((value) => value.toFixed(digits));
  const middle = median(values).toFixed(digits);
  return least === most ? middle : `${middle} [${least} - ${most}]`;
}

const resultsOf = (results, name, gateway) => results.filter((each) => each.scenario === name && each.gateway === gateway).map(({ result }) => result);

function kindTable({ columns }, scenarios, gateways, results) {
  const lines = scenarios.flatMap(({ name, gateways: some }) => gateways.filter((each) => !some || some.includes(each)).map((gateway) => {
    const runs = resultsOf(results, name, gateway);
    const good = runs.filter((result) => !result.error);
    if (good.length === 0) return [name, gateway, `failed: ${runs[0]?.error ?? 'no run'}`.replaceAll('\n', ' '), ...columns.slice(1).map(() => '')];
    return [name, gateway, ...columns.map(([, value, digits]) => cell(good.map(valueOf(value)), digits))];
  }));
  return rows(['scenario', 'gateway', ...columns.map(([title]) => title)], lines);
}

// CPU per packet of one shape at all its sizes. Sizes at which packets were lost stand there, but not in the ratio.
function flatLine(shape, gateway, scenarios, results) {
  const points = scenarios.map(({ name, size }) => {
    const good = resultsOf(results, name, gateway).filter((result) => !result.error);
    if (good.length === 0) return { size, text: 'failed' };
    const cost = median(good.map(({ server }) => server.cpu_us_per_forwarded_packet));
    const lost = median(good.map(({ packets }) => Math.max(packets.lost_per_cent, packets.not_forwarded_per_cent ?? 0)));
    return lost < kLossless ? { size, cost, text: cost.toFixed(2) } : { size, text: `${cost.toFixed(2)} (${lost.toFixed(1)} % lost)` };
  });
  const costs = points.map(({ cost }) => cost).filter(Number.isFinite);
  const ratio = costs.length > 1 ? (Math.max(...costs) / Math.min(...costs)).toFixed(2) : '';
  return [shape, gateway, points.map(({ size, text }) => `${size}: ${text}`).join(', '), ratio];
}

function flatTable(scenarios, gateways, results) {
  const shapes = [...new Set(scenarios.map(({ shape }) => shape))];
  const lines = shapes.flatMap((shape) => {
    const sizes = scenarios.filter((each) => each.shape === shape);
    return gateways.filter((each) => sizes[0].gateways.includes(each)).map((gateway) => flatLine(shape, gateway, sizes, results));
  });
  return rows(['shape', 'gateway', 'CPU us per packet by size', 'most / least'], lines);
}

export function table(scenarios, gateways, results) {
  const parts = Object.entries(kinds).flatMap(([name, kind]) => {
    const some = scenarios.filter((each) => (each.kind ?? 'media') === name);
    return some.length === 0 ? [] : [(kind.title ? `${kind.title}:\n\n` : '') + kindTable(kind, some, gateways, results)];
  });
  const flat = scenarios.filter(({ shape }) => shape);
  if (flat.length > 0) parts.push(`Flatness:\n\n${flatTable(flat, gateways, results)}`);
  return parts.join('\n');
}
