// npm run bench -- [NAME]… [--runs N] [--dir DIRECTORY] [--size 4GiB] [--files 100000]
//   W1   one random file of 1 GiB, or of --size, there on one side → equal on the other
//   W1r  the same with a receiver that is killed half-way and started again: what comes after that
//   W2   10,000 files of 4 KiB, or as many as --files says, in folders of 100
//   W3   a line appended to a log → delivered, alone and while W1 runs on the same connection
//   W3b  1 KiB appended to a file → there on the other disk
//   W7   a start with 100,000 files, or as many as --files says, that nobody changed; a million are W10
//   W8   30 folders that two devices share, and nothing happens
// Without a name W1, W2 and W3. Two devices on loopback, a process each, on one disk; cp and rsync do the work of W1
// and W2 there in the same run, with no network, no encryption and no care for power cuts, so ratios tell more than
// seconds. Prints medians; writes only below DIRECTORY (default: the system's place for temporary files), and removes
// that again.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { appending } from './appends.mjs';
import { copying } from './copying.mjs';
import { idling } from './idle.mjs';
import { talking } from './lines.mjs';
import { withPair } from './pair.mjs';
import { resuming } from './resuming.mjs';
import { starting } from './starts.mjs';
import { mebibyte } from './stats.mjs';
import { writeBig, writeSmall } from './work.mjs';

const units = { KiB: 1_024, MiB: mebibyte, GiB: 1_024 * mebibyte };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    dir: { type: 'string', default: os.tmpdir() },
    size: { type: 'string', default: '1GiB' },
    files: { type: 'string' },
  },
});
const runs = whole('--runs', values.runs);
const bytes = sizeOf(values.size);
const copied = whole('--files', values.files ?? '10000');
const known = whole('--files', values.files ?? '100000');
const root = fs.mkdtempSync(path.join(fs.realpathSync(values.dir), 'cloudless-bench-'));
const big = (directory) => writeBig(directory, bytes);

const works = {
  W1: () => {
    const title = `W1  one random file of ${values.size}`;
    return copying({ root, runs, title, write: big, amount: bytes / mebibyte, unit: 'MiB/s' });
  },
  W1r: () => resuming({ root, bytes, write: big }),
  W2: () => {
    const write = (directory) => writeSmall(directory, copied);
    return copying({ root, runs, title: `W2  ${copied} files of 4 KiB`, write, amount: copied, unit: 'files/s' });
  },
  W3: () => talking({ root, writeBig: big }),
  W3b: () => appending({ root }),
  W7: () => starting({ root, runs, files: known, write: (directory) => writeSmall(directory, known) }),
  W8: () => idling({ root }),
};
const wanted = positionals.length === 0 ? ['W1', 'W2', 'W3'] : positionals;

function whole(option, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${option} takes a whole number, not ${text}`);
  return Number(text);
}

function sizeOf(text) {
  const [, count, unit] = /^(\d+)([KMG]iB)$/.exec(text) ?? [];
  if (unit === undefined) throw new Error(`--size takes whole KiB, MiB or GiB, as in 4GiB, not ${text}`);
  return Number(count) * units[unit];
}

async function describe() {
  const place = fs.mkdtempSync(path.join(root, 'provider-'));
  const provider = await withPair(place, ({ one }) => one.call('provider'));
  const cpu = os.cpus()[0]?.model ?? 'unknown';
  const memory = `${(os.totalmem() / 2 ** 30).toFixed(0)} GiB`;
  console.log(`${os.cpus().length} × ${cpu}, ${memory}, ${os.type()} ${os.release()}, Node ${process.versions.node}`);
  console.log(`crypto: ${provider} · ${runs} runs, medians · in ${path.dirname(root)}`);
}

process.once('exit', () => fs.rmSync(root, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

for (const name of wanted) {
  if (works[name] === undefined) throw new Error(`there are ${Object.keys(works).join(', ')}, and no ${name}`);
}
await describe();
for (const name of wanted) await works[name]();
