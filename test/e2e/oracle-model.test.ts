import { describe, expect, it } from 'vitest';
import { explain, type Observation, type Value } from '../../proof/src/oracle/model.js';

function write(node: number, old: Value, value: string): Observation {
  return { type: 'write', node, old, value };
}

function read(node: number, value: Value): Observation {
  return { type: 'read', node, value };
}

function remove(node: number, old: Value): Observation {
  return { type: 'delete', node, old };
}

function stable(value: Value, ...copies: readonly string[]): Observation {
  return { type: 'stable', value, copies };
}

const none = undefined;

describe('a history of one path is explained', () => {
  it.each<[string, readonly Observation[]]>([
    ['nothing happens', [stable(none)]],
    ['one writes', [write(0, none, 'a'), stable('a')]],
    ['one writes twice', [write(0, none, 'a'), write(0, 'a', 'b'), stable('b')]],
    ['another hears early', [write(0, none, 'a'), read(1, 'a'), read(2, none), stable('a')]],
    ['another hears late', [write(0, none, 'a'), read(1, none), read(1, 'a'), stable('a')]],
    ['another goes on', [write(0, none, 'a'), write(1, 'a', 'b'), read(0, 'a'), read(0, 'b'), stable('b')]],
    ['two write at once, the first stays', [write(0, none, 'a'), write(1, none, 'b'), stable('a', 'b')]],
    ['two write at once, the second stays', [write(0, none, 'a'), write(1, none, 'b'), stable('b', 'a')]],
    [
      'one shows first what gives way later',
      [write(0, none, 'a'), read(2, 'a'), write(1, none, 'b'), stable('b', 'a')],
    ],
    [
      'an edit stays where another removed',
      [write(0, none, 'a'), stable('a'), write(1, 'a', 'b'), remove(0, 'a'), stable('b')],
    ],
    [
      'a removal is heard',
      [write(0, none, 'a'), stable('a'), remove(1, 'a'), read(0, 'a'), read(0, none), stable(none)],
    ],
    [
      'a copy is removed with its directory',
      [
        write(0, none, 'a'),
        write(1, none, 'b'),
        stable('a', 'b'),
        remove(0, 'a'),
        { type: 'drop', value: 'b' },
        stable(none),
      ],
    ],
    [
      'what was written late is beside',
      [write(0, none, 'a'), stable('a'), write(1, 'a', 'b'), { type: 'late', node: 0, value: 'c' }, stable('b', 'c')],
    ],
    [
      'nobody saw what was overwritten',
      [write(0, none, 'a'), { type: 'write', node: 1, old: none, value: 'b', blind: true }, stable('b')],
    ],
  ])('when %s', (_, observations) => {
    expect(explain(3, observations)).toMatchObject({ explained: true, upTo: observations.length });
  });
});

describe('a history of one path is not explained', () => {
  it.each<[string, readonly Observation[]]>([
    ['a write is lost', [write(0, none, 'a'), stable(none)]],
    ['one of two writes at once is lost', [write(0, none, 'a'), write(1, none, 'b'), stable('b')]],
    ['a value is invented', [write(0, none, 'a'), read(1, 'x')]],
    ['a copy is invented', [write(0, none, 'a'), stable('a', 'x')]],
    ['a copy is made where nobody disagreed', [write(0, none, 'a'), write(0, 'a', 'b'), stable('b', 'a')]],
    ['what was overwritten comes back', [write(0, none, 'a'), write(1, 'a', 'b'), read(0, 'b'), read(0, 'a')]],
    ['what was overwritten is what stays', [write(0, none, 'a'), write(1, 'a', 'b'), stable('a')]],
    ['a removed file comes back', [write(0, none, 'a'), stable('a'), remove(0, 'a'), stable('a')]],
    [
      'a removal takes an edit away',
      [write(0, none, 'a'), stable('a'), write(1, 'a', 'b'), remove(0, 'a'), stable(none)],
    ],
    ['one does not show its own', [write(0, none, 'a'), read(0, none)]],
    ['a file is away for a moment', [write(0, none, 'a'), stable('a'), write(1, 'a', 'b'), read(0, none)]],
    ['a copy goes by itself', [write(0, none, 'a'), write(1, none, 'b'), stable('a', 'b'), stable('a')]],
    ['what was written late is lost', [write(0, none, 'a'), { type: 'late', node: 0, value: 'c' }, stable('a')]],
  ])('when %s', (_, observations) => {
    expect(explain(3, observations).explained).toBe(false);
  });
});
