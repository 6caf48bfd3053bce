import { describe, expect, test } from 'vitest';
import { Forks } from '../../src/engine/forks.js';
import { memoryStorage } from '../../src/memory/index.js';
import type { DeviceId, LogName } from '../../src/model/index.js';

function log(digit: string): LogName {
  return { device: digit.repeat(64) as DeviceId, log: 'content' };
}

const [root, left, right, under] = [log('1'), log('a'), log('b'), log('c')];
const other = log('2').device;

/** A log that parts at 5 in two, one of which parts at 8. */
function forks(store = memoryStorage().open('folder')): Forks {
  const made = new Forks(store);
  made.close(root, 5);
  made.join(left, root);
  made.join(right, root);
  made.close(left, 8);
  made.join(under, left);
  return made;
}

describe('[LOG-44] a vector that names a place past the end of a log', () => {
  const cases = [
    ['nothing past it', { [root.device]: 4, [other]: 9 }, {}, { [root.device]: 4, [other]: 9 }],
    ['a branch that is reached', { [root.device]: 6 }, { [right.device]: 9 }, { [root.device]: 4, [right.device]: 6 }],
    ['as far as it is reached', { [root.device]: 6 }, { [right.device]: 5 }, { [root.device]: 4, [right.device]: 5 }],
    [
      'one that parts itself',
      { [root.device]: 9 },
      { [left.device]: 7, [under.device]: 8 },
      {
        [root.device]: 4,
        [left.device]: 7,
        [under.device]: 8,
      },
    ],
    ['none that is reached', { [root.device]: 6 }, {}, { [root.device]: 4 }],
    ['a branch by its name', { [right.device]: 7 }, { [right.device]: 9 }, { [right.device]: 7 }],
  ] as const;

  test.each(cases)('%s', (_name, vector, reach, resolved) => {
    expect(forks().resolve(vector, reach)).toEqual(resolved);
  });

  test('is read alike after a restart', () => {
    const store = memoryStorage().open('folder');
    forks(store);
    const again = new Forks(store);
    expect(again.resolve({ [root.device]: 6 }, { [right.device]: 9 })).toEqual({ [root.device]: 4, [right.device]: 6 });
    expect(again.deviceOf(under)).toBe(root.device);
    expect([root, left, right, under].map((each) => again.endOf(each))).toEqual([4, 7, Infinity, Infinity]);
  });
});
