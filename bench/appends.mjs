// W3b: a file that grows.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { withPair } from './pair.mjs';
import { reportLatencies } from './stats.mjs';

const appends = 200;
const appendBytes = 1_024;
const startBytes = 65_536;
/** Between two of them, so that each finds both sides at rest. */
const restMs = { min: 300, more: 300 };
const lookMs = 2;
const lookMsMax = 30_000;

export async function appending({ root }) {
  console.log('\nW3b 1 KiB appended to a file → there on the other disk');
  const place = fs.mkdtempSync(path.join(root, 'append-'));
  const latencies = await withPair(place, async ({ paths, settle }) => {
    const [from, to] = [paths.one, paths.other].map((each) => path.join(each, 'notes'));
    fs.writeFileSync(from, randomBytes(startBytes));
    await settle();
    const found = [];
    for (let count = 1; count <= appends; count++) {
      await pause(restMs.min + Math.random() * restMs.more);
      const beganMs = performance.now();
      fs.appendFileSync(from, randomBytes(appendBytes));
      await longAs(to, startBytes + count * appendBytes);
      found.push(performance.now() - beganMs);
    }
    return found;
  });
  fs.rmSync(place, { recursive: true, force: true });
  reportLatencies('', latencies, 'appends');
}

async function longAs(file, bytes) {
  for (const beganMs = performance.now(); fs.statSync(file).size !== bytes; await pause(lookMs)) {
    if (performance.now() - beganMs > lookMsMax) throw new Error('what was appended did not come');
  }
}
