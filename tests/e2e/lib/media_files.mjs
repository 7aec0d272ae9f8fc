// What is in a recording, as Debian's ffmpeg sees it; and janus' own tool for its own format, unpacked and never installed.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { run } from './debian.mjs';
import { foreign } from './paths.mjs';

const kBright = 100; // of 255
const kLoud = -30; // dB
const kSettled = 0.4; // seconds of dark or silence that make the next one an onset

export async function probe(file) {
  const text = await run('ffprobe', ['-v', 'error', '-count_packets', '-show_streams', '-show_format', '-of', 'json', file]);
  const { streams, format } = JSON.parse(text);
  return { duration: Number(format.duration), streams, of: (kind) => streams.filter(({ codec_type: type }) => type === kind) };
}

// Decodes all of it; what the decoders complain about is the result.
export async function complaintsOf(file) {
  return run('sh', ['-c', `ffmpeg -nostdin -v error -i "${file}" -vsync passthrough -enc_time_base:v 1:1000 -f null - 2>&1`]);
}

async function measured(file, filters) {
  const text = await run('sh', ['-c', `ffmpeg -nostdin -v quiet -i "${file}" ${filters} -f null -`]);
  const values = [];
  let time;
  for (const line of text.split('\n')) {
    const at = line.match(/pts_time:([\d.]+)/);
    if (at) time = Number(at[1]);
    const value = line.match(/^lavfi\..*=(-?[\d.]+|-inf)$/);
    if (value) values.push({ time, value: value[1] === '-inf' ? -Infinity : Number(value[1]) });
  }
  return values;
}

function onsets(values, threshold) {
  const found = [];
  let last = -Infinity;
  for (const { time, value } of values) {
    if (value < threshold) continue;
    if (time - last > kSettled) found.push(time);
    last = time;
  }
  return found;
}

export const flashes = async (file) => onsets(await measured(file, '-an -vf signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-'), kBright);
export const beeps = async (file) => onsets(await measured(file, '-vn -af astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-'), kLoud);

// How far each flash is from its beep, in seconds; flashes without a beep within half a period are left out.
export async function lipSync(file) {
  const [seen, heard] = [await flashes(file), await beeps(file)];
  const pairs = seen.map((flash) => ({ flash, beep: heard.find((beep) => Math.abs(beep - flash) < 0.5) })).filter(({ beep }) => beep !== undefined);
  return { seen, heard, differences: pairs.map(({ flash, beep }) => flash - beep) };
}

const kTools = 'janus-tools';

async function postProcessor() {
  const home = join(foreign, kTools);
  const program = join(home, 'usr/bin/janus-pp-rec');
  if (existsSync(program)) return program;
  const archives = join(foreign, `${kTools}-archives`);
  mkdirSync(archives, { recursive: true });
  await run('apt-get', ['-qq', 'download', kTools], { cwd: archives });
  await run('sh', ['-c', `dpkg-deb -x "${archives}"/*.deb "${home}"`]);
  return program;
}

export const hasPostProcessor = () => postProcessor();
export async function fromMjr(file, out) {
  await run(await postProcessor(), [file, out]);
  return out;
}
export async function headerOfMjr(file) { return JSON.parse(await run(await postProcessor(), ['-j', file])); }
