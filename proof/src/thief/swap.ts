// swap.js SEED PARKING DIRECTORY=OUTSIDE …
// Takes directories away, puts a link to somewhere else in their place, and puts them back, as fast as it can, until
// its input ends. Prints how often it did.
import fs from 'node:fs';
import path from 'node:path';
import { Random } from '../random.js';

const spinUsMax = 3_000;
const restMsMax = 30;

const [seed = '1', parking = '', ...pairs] = process.argv.slice(2);
const random = new Random(Number(seed));
const targets = pairs.map((pair) => {
  const [directory = '', outside = ''] = pair.split('=');
  return { directory, outside };
});

/** Whatever the other program does at the same names, the thief goes on. */
function tried(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function spin(us: number): void {
  const end = process.hrtime.bigint() + BigInt(us) * 1_000n;
  while (process.hrtime.bigint() < end);
}

function swap(count: number): boolean {
  const { directory, outside } = random.pick(targets);
  const parked = path.join(parking, `${count}`);
  if (!fs.lstatSync(directory, { throwIfNoEntry: false })?.isDirectory()) return false;
  if (!tried(() => fs.renameSync(directory, parked))) return false;
  const swapped = tried(() => fs.symlinkSync(outside, directory));
  spin(random.below(spinUsMax));
  if (swapped) tried(() => fs.unlinkSync(directory));
  // Where something new stands by now, what was taken comes back beside it.
  if (!tried(() => fs.renameSync(parked, directory))) tried(() => fs.renameSync(parked, `${directory}-${count}`));
  return swapped;
}

const state = { swaps: 0, attempts: 0, over: false };

function turn(): void {
  if (state.over) {
    process.stdout.write(`${state.swaps}\n`);
    return;
  }
  for (let burst = 1 + random.below(6); burst > 0; burst--) {
    state.attempts += 1;
    if (swap(state.attempts)) state.swaps += 1;
    spin(random.below(spinUsMax));
  }
  setTimeout(turn, random.below(restMsMax));
}

process.stdin.resume();
process.stdin.on('end', () => {
  state.over = true;
});
turn();
