// npm run sim -- [--minutes N | --seeds N] [--seed S] [--acts A] [--burst B] [--devices D] [--no-faults]
//   [--no-temps] [--clears] [--restores] [--archives] [--disks] [--rots] [--mixed] [--tail N]
// Runs seeded worlds one after the other, each twice. A world that breaks a promise is named with the command that
// plays it again, and the next one follows; where one seed was asked for, what happened last in it is printed too.
// The exit code is 1 when any failed.
import { parseArgs } from 'node:util';
import { nodeCrypto } from '@cloudless/core/node';
import { SimFailure, simulate } from '@cloudless/core/sim';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    acts: { type: 'string', default: '40' },
    burst: { type: 'string', default: '1' },
    devices: { type: 'string' },
    faults: { type: 'boolean', default: true },
    temps: { type: 'boolean', default: true },
    clears: { type: 'boolean', default: false },
    restores: { type: 'boolean', default: false },
    archives: { type: 'boolean', default: false },
    disks: { type: 'boolean', default: false },
    rots: { type: 'boolean', default: false },
    mixed: { type: 'boolean', default: false },
    tail: { type: 'string', default: '60' },
  },
  allowNegative: true,
});

const endMs = Date.now() + Number(values.minutes) * 60_000;
const crypto = nodeCrypto();
const devices = values.devices === undefined ? undefined : Number(values.devices);
const { faults, temps, clears, restores, archives, disks, rots } = values;
const given = { acts: Number(values.acts), burst: Number(values.burst), devices };
const flags = { faults, temps, clears, restores, archives, disks, rots };

/** With `mixed` each world is of another kind, by its seed: some in bursts, some long, some of each trouble. */
function kindOf(seed) {
  if (!values.mixed) return { ...given, ...flags };
  const kinds = [{}, { disks: true }, { clears: true }, { restores: true }, { disks: true, clears: true }];
  const sizes = [{ acts: 25 }, { acts: 40 }, { acts: 100 }];
  if (seed % 8 === 7) return { acts: 1_000, burst: 50, devices: 2, ...flags };
  return { ...given, ...flags, ...sizes[seed % 3], ...kinds[seed % 5] };
}

function runTwice(seed) {
  const options = { crypto, seed, ...kindOf(seed) };
  const first = simulate(options);
  const second = simulate(options);
  if (first.trace !== second.trace)
    throw new Error(`seed ${seed}: two runs differ: ${first.trace} and ${second.trace}`);
  return first;
}

/** What plays one world again. */
function again(seed) {
  const words = Object.entries(kindOf(seed)).flatMap(([name, value]) => {
    if (typeof value === 'number') return [`--${name} ${value}`];
    const isUsual = value === undefined || value === (name === 'faults' || name === 'temps');
    return isUsual ? [] : [value ? `--${name}` : `--no-${name}`];
  });
  return `npm run sim -- --seed ${seed} --seeds 1 ${words.join(' ')}`;
}

function isOver(runs) {
  return values.seeds === undefined ? Date.now() >= endMs : runs >= Number(values.seeds);
}

const total = { seeds: 0, failed: 0, acts: 0, lines: 0, crashes: 0, turns: 0 };
for (let seed = Number(values.seed); !isOver(total.seeds); seed++) {
  total.seeds += 1;
  try {
    const { acts, lines, crashes, turns } = runTwice(seed);
    for (const [name, value] of Object.entries({ acts, lines, crashes, turns })) total[name] += value;
  } catch (error) {
    total.failed += 1;
    process.exitCode = 1;
    if (error instanceof SimFailure && values.seeds === '1') {
      console.log(error.tail.slice(Math.max(0, error.tail.length - Number(values.tail))).join('\n'));
    }
    console.log(error.message);
    console.log(`  ${again(seed)}`);
  }
}
console.log(JSON.stringify({ ...total, first: Number(values.seed) }));
