import { type Case, kit } from '../testkit.js';
import { content, device, gone, type Placed, placed, record, saw } from './material.js';

const reach = kit('reach');
const within = kit('within-reach');

/** What an entry names as seen: the log's kind, the device by number, seq. */
type Named = readonly ['content' | 'membership', number, number];

/** An entry with one record, how far it reaches by device, and whether its version is void. */
interface Reaching extends Placed {
  readonly heads: readonly { readonly log: string; readonly device: string; readonly seq: number }[];
  readonly reaches: Readonly<Record<string, number>>;
  readonly isVoid: boolean;
}

type Pairs = readonly (readonly [number, number])[];

function entry(value: Placed, heads: readonly Named[], reaches: Pairs, isVoid = false): Reaching {
  const named = heads.map(([log, n, seq]) => ({ log, device: device(n), seq }));
  return { ...value, heads: named, reaches: saw(...reaches), isVoid };
}

/** Entries in causal order, and what `a.txt` shows after all of them: an entry by number, or nothing. */
function entries(name: string, comment: string, all: readonly Reaching[], shown: number | null): Case {
  return reach.accept(name, comment, 'FIL-6', { entries: all, shown });
}

const first = entry(placed(0, 1, 1, record(1)), [], []);
const second = entry(placed(0, 2, 2, record(2, { vector: saw([0, 1]) })), [], [[0, 1]]);

function over(n: number, seq: number, at: number, ...built: Pairs): Placed {
  return placed(n, seq, at, record(3, { vector: saw(...built) }));
}

function reached(): readonly Case[] {
  return [
    entries('named', 'what the entry names', [first, entry(over(1, 1, 3, [0, 1]), [['content', 0, 1]], [[0, 1]])], 1),
    entries('own', 'earlier entries of its own log need no name', [first, second], 1),
    entries(
      'named-before',
      'what an earlier entry of its log named',
      [
        first,
        entry(placed(1, 1, 2, gone({ path: 'b.txt' })), [['content', 0, 1]], [[0, 1]]),
        entry(
          over(1, 2, 3, [0, 1]),
          [],
          [
            [0, 1],
            [1, 1],
          ],
        ),
      ],
      2,
    ),
    entries(
      'through-another',
      'what an entry that it names named',
      [
        first,
        entry(placed(1, 1, 2, gone({ path: 'b.txt' })), [['content', 0, 1]], [[0, 1]]),
        entry(
          over(2, 1, 3, [0, 1]),
          [['content', 1, 1]],
          [
            [0, 1],
            [1, 1],
          ],
        ),
      ],
      2,
    ),
    entries(
      'earlier-of-the-log',
      'all earlier entries of a log that it names',
      [first, second, entry(over(1, 1, 3, [0, 2]), [['content', 0, 2]], [[0, 2]])],
      2,
    ),
  ];
}

function unreached(): readonly Case[] {
  const remove = (n: number, at: number, ...built: Pairs): Placed => placed(n, 1, at, gone({ vector: saw(...built) }));
  return [
    entries('not-named', 'nothing named: void', [first, entry(remove(1, 3, [0, 1]), [], [], true)], 0),
    entries(
      'later-than-named',
      'a later entry of the log than it names: void',
      [first, second, entry(remove(1, 3, [0, 2]), [['content', 0, 1]], [[0, 1]], true)],
      1,
    ),
    entries(
      'membership-named',
      'an entry of a membership log reaches nothing: void',
      [first, entry(remove(1, 3, [0, 1]), [['membership', 0, 7]], [], true)],
      0,
    ),
    entries(
      'not-yet-written',
      'nobody hides what another has yet to write',
      [first, entry(remove(1, 3, [0, 1_000_000]), [['content', 0, 1]], [[0, 1]], true), second],
      2,
    ),
    entries(
      'one-of-two',
      'of two that it builds on it reaches one: void, and what it reaches stays too',
      [
        first,
        entry(placed(2, 1, 2, gone({ path: 'b.txt' })), [], []),
        entry(remove(1, 3, [0, 1], [2, 1]), [['content', 0, 1]], [[0, 1]], true),
      ],
      0,
    ),
    entries(
      'void-reached',
      'an entry with a void version is reached like any other',
      [
        first,
        entry(remove(1, 2, [0, 1]), [], [], true),
        entry(
          over(2, 1, 3, [0, 1], [1, 1]),
          [
            ['content', 0, 1],
            ['content', 1, 1],
          ],
          [
            [0, 1],
            [1, 1],
          ],
        ),
      ],
      2,
    ),
  ];
}

/** What a device writes of an edit over a base row, by how far its entry reaches. */
function written(name: string, comment: string, base: Pairs, reaches: Pairs, vector: Pairs): Case {
  const fields = { device: device(3), seq: 9, base: saw(...base), content: content(1), reaches: saw(...reaches) };
  return within.accept(name, comment, 'FIL-84', { ...fields, vector: saw(...vector) });
}

function writers(): readonly Case[] {
  const both: Pairs = [
    [0, 2],
    [1, 1],
  ];
  return [
    written('all', 'all of what it builds on', both, both, both),
    written(
      'more',
      'reaching further adds nothing',
      both,
      [
        [0, 5],
        [1, 7],
        [2, 3],
      ],
      both,
    ),
    written(
      'less',
      'of a log that may be named to an earlier entry only, so far',
      both,
      [
        [0, 1],
        [1, 1],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ),
    written('closed', 'a log that may not be named is left out', both, [[1, 1]], [[1, 1]]),
    written('nothing', 'what reaches nothing builds on nothing', both, [], []),
  ];
}

export function reachCases(): readonly Case[] {
  return [...reached(), ...unreached(), ...writers()];
}
