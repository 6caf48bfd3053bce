import { describe, expect, test } from 'vitest';
import { type ModeName, modes, runHistory } from './history.js';

const { HISTORIES_COUNT = '4500', HISTORIES_FROM = '0', HISTORIES_MODES } = process.env;
const names = (HISTORIES_MODES?.split(',') ?? Object.keys(modes)) as readonly ModeName[];
const count = Math.ceil(Number(HISTORIES_COUNT) / names.length);
const wrongMax = 10;

function runMany(name: ModeName): void {
  const from = Number(HISTORIES_FROM);
  const wrong: string[] = [];
  for (let seed = from; seed < from + count && wrong.length < wrongMax; seed++) {
    try {
      runHistory(modes[name], seed);
    } catch (error) {
      wrong.push(`${name} ${seed}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  expect(wrong).toEqual([]);
}

// `npm run histories` asks for more of them.
describe('random histories of three devices converge, lose nothing, and want nothing that nobody has', () => {
  test.each(names)('[FIL-20] [FIL-40] %s', { timeout: 3_600_000 }, runMany);
});

test.each<[ModeName, number]>([
  ['long', 1710],
  ['stops', 471],
  ['stops', 961],
  ['stops', 2127],
  ['files stopped', 1106],
])('[FIL-80] a person took what was about to go: %s %i', (name, seed) => {
  runHistory(modes[name], seed);
});
