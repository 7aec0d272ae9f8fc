// Results as Markdown: one row for a scenario and a gateway.
const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => {
  const list = sorted(values);
  const middle = Math.floor(list.length / 2);
  return list.length % 2 === 1 ? list[middle] : (list[middle - 1] + list[middle]) / 2;
};

const columns = [
  ['CPU us per packet', (r) => r.server.cpu_us_per_forwarded_packet, 2],
  ['CPU % of a core', (r) => r.server.cpu_per_cent_of_a_core, 0],
  ['lost %', (r) => r.packets.lost_per_cent, 2],
  ['latency p50 ms', (r) => r.latency_ms.p50, 1],
  ['p99 ms', (r) => r.latency_ms.p99, 1],
  ['set-up p50 ms', (r) => r.setup_ms.p50, 0],
  ['p99 ms', (r) => r.setup_ms.p99, 0],
  ['CPU ms per set-up', (r) => r.server.cpu_us_per_setup / 1000, 2],
  ['RSS KiB per peer', (r) => r.server.rss_kib_per_peer, 0],
  ['threads', (r) => r.server.threads, 0],
  ['generator %', (r) => r.generator.cpu_per_cent_of_a_core, 0],
];

// A figure that not every run has is left empty.
const valueOf = (value) => (result) => { try { return value(result); } catch { return undefined; } };
function cell(values, digits) {
  if (!values.every(Number.isFinite)) return '';
  const [least, most] = [sorted(values)[0], sorted(values).at(-1)].map((value) => value.toFixed(digits));
  const middle = median(values).toFixed(digits);
  return least === most ? middle : `${middle} [${least} - ${most}]`;
}

export function table(scenarios, gateways, results) {
  const rows = scenarios.flatMap(({ name }) => gateways.map((gateway) => {
    const runs = results.filter((each) => each.scenario === name && each.gateway === gateway).map(({ result }) => result);
    const good = runs.filter((result) => !result.error);
    if (good.length === 0) return [name, gateway, `failed: ${runs[0]?.error ?? 'no run'}`.replaceAll('\n', ' '), ...columns.slice(1).map(() => '')];
    return [name, gateway, ...columns.map(([, value, digits]) => cell(good.map(valueOf(value)), digits))];
  }));
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return line(['scenario', 'gateway', ...columns.map(([title]) => title)]) + line(['---', '---', ...columns.map(() => '---')]) + rows.map(line).join('');
}
