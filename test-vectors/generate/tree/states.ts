import type { FileRecord } from '@cloudless/core/tree';
import { type Case, kit } from '../testkit.js';
import { clock, content, device, gone, type Placed, placed, record, saw } from './material.js';

const { accept } = kit('state');
const suffix = (device: string, hash: string): string => ` (conflict 20261122-201705 ${device} ${hash})`;

/** What a path shows: kind, the record by number, and copies with theirs. */
interface Shown {
  readonly kind: string;
  readonly record: number | null;
  readonly copies: Readonly<Record<string, number>>;
}

function shows(kind: string, number: number | null, copies: Readonly<Record<string, number>> = {}): Shown {
  return { kind, record: number, copies };
}

function state(
  name: string,
  comment: string,
  requirements: string,
  records: readonly Placed[],
  shown: Readonly<Record<string, Shown>>,
): Case {
  return accept(name, comment, requirements, { records, shown });
}

const one = placed(0, 1, 1, record(1));
const two = placed(1, 1, 2, record(2));
const copyOfOne = `a${suffix('101010', 'a1a1a1a1')}.txt`;

function edit(fields: Partial<FileRecord>): Placed {
  return placed(1, 1, 2, record(2, fields));
}

function orders(): readonly Case[] {
  const later = placed(1, 1, 0, record(2, { vector: saw([0, 1]) }));
  const stamped = (hlc: bigint): Partial<FileRecord> => ({ stamp: { hlc, device: content(0) as never } });
  return [
    state('built-on', 'what builds on another supersedes it, whatever the clocks say', 'FIL-12', [one, later], {
      'a.txt': shows('file', 1),
    }),
    state('concurrent', 'two that know nothing of each other both stay', 'FIL-13 FIL-17 FIL-19 FIL-21', [one, two], {
      'a.txt': shows('file', 1, { [copyOfOne]: 0 }),
    }),
    state('device-decides', 'with equal clocks the device decides', 'FIL-13', [one, placed(1, 1, 1, record(2))], {
      'a.txt': shows('file', 1, { [copyOfOne]: 0 }),
    }),
    state(
      'stamp-zero',
      'stamp 0 loses; among such the content decides, and the name has the file time',
      'FIL-13 FIL-21',
      [placed(0, 1, 9, record(2, stamped(0n))), placed(1, 1, 9, record(1, stamped(0n)))],
      { 'a.txt': shows('file', 0, { 'a (conflict 20231114-221320 a0a0a0 a1a1a1a1).txt': 1 }) },
    ),
    state('equal-content', 'equal content counts once', 'FIL-16', [one, placed(1, 1, 2, record(1))], {
      'a.txt': shows('file', 1),
    }),
    state('old-content', 'equal under earlier constants', 'FIL-16', [one, edit({ oldContent: content(1) })], {
      'a.txt': shows('file', 1),
    }),
  ];
}

function yielding(): readonly Case[] {
  const remove = placed(1, 1, 2, gone({ base: content(1) }));
  return [
    state(
      'edit-of-it',
      'a version yields to a later edit of its content',
      'FIL-14',
      [one, edit({ base: content(1) })],
      {
        'a.txt': shows('file', 1),
      },
    ),
    state(
      'earlier-edit',
      'but not to an earlier one',
      'FIL-14',
      [placed(0, 1, 3, record(1)), edit({ base: content(1) })],
      { 'a.txt': shows('file', 0, { [`a${suffix('111111', 'a2a2a2a2')}.txt`]: 1 }) },
    ),
    state('delete-of-it', 'a person’s version does not yield to a delete', 'FIL-14 FIL-15', [one, remove], {
      'a.txt': shows('file', 0),
    }),
    state(
      'delete-of-copy',
      'what the engine made does',
      'FIL-14',
      [placed(0, 1, 1, record(1, { made: 'copy' })), remove],
      {
        'a.txt': shows('absent', null),
      },
    ),
    ...carriedOn(),
    state(
      'delete-seen',
      'a delete that knew it',
      'FIL-12 FIL-17',
      [one, placed(1, 1, 2, gone({ vector: saw([0, 1]) }))],
      {
        'a.txt': shows('absent', null),
      },
    ),
  ];
}

/** The first wrote it, the second replaced it twice, and a third settled it knowing neither. */
function carriedOn(): readonly Case[] {
  const again = placed(1, 2, 3, record(3, { vector: saw([0, 1], [1, 1]), base: content(2) }));
  const settled = (origin: FileRecord['origin']): Placed =>
    placed(
      2,
      1,
      1,
      record(1, { vector: saw([0, 1]), made: 'settle', stamp: { hlc: clock(1), device: device(0) }, origin }),
    );
  const removed = placed(1, 2, 3, gone({ vector: saw([0, 1], [1, 1]), base: content(2) }));
  return [
    state('origin', 'what is settled yields to all that came of it', 'FIL-32', [settled(saw([0, 1])), again], {
      'a.txt': shows('file', 1),
    }),
    state('origin-deleted', 'to its delete too', 'FIL-32', [settled(saw([0, 1])), removed], {
      'a.txt': shows('absent', null),
    }),
    state('origin-unknown', 'not to what did not come of it', 'FIL-32', [settled(saw([0, 1])), edit({})], {
      'a.txt': shows('file', 1, { [copyOfOne]: 0 }),
    }),
  ];
}

function directories(): readonly Case[] {
  const child = placed(1, 1, 2, record(2, { path: 'a.txt/b' }));
  const directory = placed(1, 1, 2, gone({ typeNumber: 2 }));
  return [
    state('child', 'a path with a live child is a directory, its file a copy', 'FIL-18 FIL-19', [one, child], {
      'a.txt': shows('directory', null, { [copyOfOne]: 0 }),
      'a.txt/b': shows('file', 1),
    }),
    state(
      'deleted-parent',
      'a delete of the parent does not take the child',
      'FIL-18',
      [placed(0, 1, 1, gone()), child],
      {
        'a.txt': shows('directory', null),
      },
    ),
    state('empty-directory', 'without children the greatest is shown', 'FIL-17 FIL-19', [one, directory], {
      'a.txt': shows('directory', 1, { [copyOfOne]: 0 }),
    }),
  ];
}

function copies(): readonly Case[] {
  const longer = `a${suffix('101010', 'a1a1a1a1a')}.txt`;
  const taken = placed(2, 1, 3, record(3, { path: copyOfOne }));
  const made = placed(2, 1, 3, record(1, { path: copyOfOne }));
  return [
    state('name-taken', 'one digit more while another has the name', 'FIL-27', [one, two, taken], {
      'a.txt': shows('file', 1, { [longer]: 0 }),
      [copyOfOne]: shows('file', 2),
    }),
    state('made-real', 'no copy where its content stands already', 'FIL-19', [one, two, made], {
      'a.txt': shows('file', 1),
      [copyOfOne]: shows('file', 2),
    }),
    state(
      'settled',
      'after an act on the copy: the path settled, the copy real and edited',
      'FIL-8 FIL-25 FIL-26',
      [
        one,
        two,
        placed(
          2,
          1,
          3,
          record(2, {
            vector: saw([0, 1], [1, 1]),
            stamp: { hlc: BigInt(two.clock), device: two.device as never },
            made: 'settle',
          }),
        ),
        placed(2, 1, 3, record(3, { path: copyOfOne, base: content(1) })),
      ],
      { 'a.txt': shows('file', 2), [copyOfOne]: shows('file', 3) },
    ),
  ];
}

export function stateCases(): readonly Case[] {
  return [...orders(), ...yielding(), ...directories(), ...copies()];
}
