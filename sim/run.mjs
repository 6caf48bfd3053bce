// npm run sim -- [--minutes N | --seeds N] [--seed S] [--acts A] [--devices D] [--no-faults] [--no-temps] [--clears]
//   [--tail N]
// Runs seeded worlds one after the other, each twice, and stops with exit code 1 at the first that breaks a promise.
import { parseArgs } from 'node:util';
import { nodeCrypto } from '@cloudless/core/node';
import { SimFailure, simulate } from '@cloudless/core/sim';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    acts: { type: 'string', default: '40' },
    devices: { type: 'string' },
    faults: { type: 'boolean', default: true },
    temps: { type: 'boolean', default: true },
    clears: { type: 'boolean', default: false },
    tail: { type: 'string', default: '60' },
  },
  allowNegative: true,
});

const endMs = Date.now() + Number(values.minutes) * 60_000;
const crypto = nodeCrypto();
const devices = values.devices === undefined ? undefined : Number(values.devices);

function runTwice(seed) {
  const { faults, temps, clears } = values;
  const options = { crypto, seed, acts: Number(values.acts), devices, faults, temps, clears };
  const first = simulate(options);
  const second = simulate(options);
  if (first.trace !== second.trace)
    throw new Error(`seed ${seed}: two runs differ: ${first.trace} and ${second.trace}`);
  return first;
}

function isOver(runs) {
  return values.seeds === undefined ? Date.now() >= endMs : runs >= Number(values.seeds);
}

const total = { seeds: 0, acts: 0, lines: 0, crashes: 0, turns: 0 };
try {
  for (let seed = Number(values.seed); !isOver(total.seeds); seed++) {
    const { acts, lines, crashes, turns } = runTwice(seed);
    total.seeds += 1;
    for (const [name, value] of Object.entries({ acts, lines, crashes, turns })) total[name] += value;
  }
  console.log(JSON.stringify(total));
} catch (error) {
  if (error instanceof SimFailure) {
    console.error(error.tail.slice(Math.max(0, error.tail.length - Number(values.tail))).join('\n'));
  }
  console.error(error.message);
  console.error(JSON.stringify(total));
  process.exitCode = 1;
}
