import { beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../seeded.js';
import type { History } from './model/entries.js';
import { judge, type Outcome } from './model/judge.js';
import { randomHistory, shuffled } from './model/random.js';
import { judgeReal } from './model/real.js';
import { faults, removedBy, told, withKick, withRevenge } from './model/safety.js';

const { MEMBER_HISTORIES = '10000', MEMBER_HISTORIES_FROM = '0' } = process.env;
const from = Number(MEMBER_HISTORIES_FROM);
const count = Number(MEMBER_HISTORIES);

interface Check {
  readonly promise: string;
  /** It is made of every so many histories. */
  readonly every: number;
  /** Whether it could be made. */
  readonly run: (history: History, outcome: Outcome, seed: number) => boolean;
}

const checks: readonly Check[] = [
  {
    promise: 'nobody has a level of nobody, who is removed is out, and the founder stays',
    every: 1,
    run: (history, outcome) => {
      expect(faults(history, outcome).join('; ')).toBe('');
      return true;
    },
  },
  {
    promise: 'the rules of the product say what the model says',
    every: 4,
    run: (history, outcome) => {
      expect(told(judgeReal(history), history.items)).toEqual(told(outcome, history.items));
      return true;
    },
  },
  {
    promise: '[MEM-13] any order of arrival gives the same',
    every: 8,
    run: (history, outcome, seed) => {
      const other = judge(shuffled(history, seeded(seed + 1)));
      expect(told(other, history.items)).toEqual(told(outcome, history.items));
      return true;
    },
  },
  {
    promise: 'what a removed person writes afterwards, back-dated or not, changes nothing',
    every: 5,
    run: (history, outcome, seed) => {
      if (removedBy(history, outcome).length === 0) return false;
      const avenged = withRevenge(history, outcome, seed);
      expect(told(judge(avenged), history.items)).toEqual(told(outcome, history.items));
      return true;
    },
  },
  {
    promise: 'the founder’s device puts out anybody else it knows',
    every: 10,
    run: (history, { members, devices }) => {
      const person = [...members.keys()].find((each) => each !== 'a1');
      const able = person !== undefined && devices.includes('a1') && members.has('a1');
      const kicked = able ? withKick(history, person) : undefined;
      if (kicked !== undefined) expect(judge(kicked).members.has(person ?? '')).toBe(false);
      return kicked !== undefined;
    },
  },
];

interface Result {
  made: number;
  readonly wrong: string[];
}

const results = checks.map((): Result => ({ made: 0, wrong: [] }));

function play(seed: number): void {
  const history = randomHistory(seed);
  const outcome = judge(history);
  for (const [index, { every, run }] of checks.entries()) {
    const result = results[index] as Result;
    if (seed % every !== 0 || result.wrong.length > 5) continue;
    try {
      if (run(history, outcome, seed)) result.made++;
    } catch (error) {
      result.wrong.push(`${seed}: ${(error as Error).message}`);
    }
  }
}

// `MEMBER_HISTORIES=1000000` asks for more of them.
describe('in random histories of five persons with three devices each', () => {
  beforeAll(() => {
    for (let seed = from; seed < from + count; seed++) play(seed);
  }, 36_000_000);

  test.each(checks.map(({ promise, every }, index) => ({ promise, every, index })))('$promise', ({ every, index }) => {
    expect(results[index]?.wrong).toEqual([]);
    expect(results[index]?.made).toBeGreaterThan(count / every / 10);
  });
});
