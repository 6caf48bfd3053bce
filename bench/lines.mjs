// W3: lines of a log.
import fs from 'node:fs';
import path from 'node:path';
import { ours } from './copying.mjs';
import { withPair } from './pair.mjs';
import { reportLatencies } from './stats.mjs';

const linesAlone = 500;
const warmUpLines = 20;

/** Appends lines, each when the one before has arrived, until `done` says so; gives their latencies. */
async function talk({ one, other, folder }, done) {
  const latencies = [];
  let arrived = () => undefined;
  other.arrived = (latencyMs) => arrived(latencyMs);
  await other.call('follow', folder);
  while (!done(latencies.length)) {
    const latency = new Promise((resolve) => {
      arrived = resolve;
    });
    await one.call('append', folder);
    latencies.push(await latency);
  }
  return latencies.slice(warmUpLines);
}

export async function talking({ root, writeBig }) {
  console.log('\nW3  a line appended to a log → delivered, on disk first');
  const place = fs.mkdtempSync(path.join(root, 'talk-'));
  const alone = await withPair(place, (pair) => talk(pair, (count) => count >= linesAlone + warmUpLines));
  fs.rmSync(place, { recursive: true, force: true });
  reportLatencies('alone', alone, 'lines');
  const { extra } = await ours(root, writeBig, (pair, transfer) => talk(pair, () => transfer.over));
  reportLatencies('while W1 runs', extra, 'lines');
}
