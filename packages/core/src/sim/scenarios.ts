import { utf8 } from '../bytes.js';
import type { Stage } from './stage.js';

/** What is done in a small world of two devices, one thing after the other. */
export interface Scenario {
  readonly name: string;
  /** What lies on the disks before the second device joins. */
  readonly before?: ((stage: Stage) => void) | undefined;
  readonly steps: readonly ((stage: Stage) => void)[];
}

const bigBytes = 70_000;

/** Everything that changes a disk or an archive, each in a world of its own: any of its calls can be the last. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'create',
    steps: [
      (stage) => {
        stage.save(0, 'a', text('first'));
        stage.save(0, 'dir/big', big('big'));
        stage.save(1, 'dir/sub/b', text('second'));
      },
    ],
  },
  {
    name: 'replace',
    steps: [
      (stage) => stage.save(0, 'a', text('old')),
      (stage) => stage.save(0, 'a', text('written in place, and longer')),
      (stage) => stage.save(1, 'a', big('renamed over'), true),
    ],
  },
  {
    name: 'delete',
    steps: [
      (stage) => {
        stage.save(0, 'a', text('goes'));
        stage.save(0, 'dir/sub/a', text('goes with its directory'));
        stage.save(0, 'dir/b', text('goes too'));
      },
      (stage) => stage.remove(0, 'a'),
      (stage) => stage.remove(1, 'dir'),
    ],
  },
  {
    name: 'rename',
    steps: [
      (stage) => {
        stage.save(0, 'a', text('moves'));
        stage.save(0, 'dir/a', text('moves with its directory'));
        stage.save(0, 'there', text('is moved over'));
      },
      (stage) => stage.rename(0, 'a', 'there'),
      (stage) => stage.rename(1, 'dir', 'other'),
    ],
  },
  {
    name: 'kinds',
    steps: [
      (stage) => {
        stage.save(0, 'a', text('gives way to a directory'));
        stage.save(0, 'dir/a', text('gives way to a file'));
      },
      (stage) => stage.save(0, 'a/below', text('stands below what was a file')),
      (stage) => stage.save(1, 'dir', text('stands where a directory was')),
    ],
  },
  {
    name: 'conflict',
    steps: [
      (stage) => stage.save(0, 'a', text('of both')),
      (stage) => {
        stage.part();
        stage.save(0, 'a', text('of the one'));
        stage.save(1, 'a', text('of the other'));
        stage.remove(0, 'gone');
      },
      (stage) => stage.save(1, 'a', text('of who has seen both')),
    ],
  },
  {
    name: 'edit against removal',
    steps: [
      (stage) => {
        stage.save(0, 'a', text('of both'));
        stage.save(0, 'dir/a', text('of both too'));
      },
      (stage) => {
        stage.part();
        stage.remove(0, 'a');
        stage.remove(0, 'dir');
        stage.save(1, 'a', text('edited'));
        stage.save(1, 'dir/new', text('a new child'));
      },
    ],
  },
  {
    name: 'restore',
    steps: [
      (stage) => stage.save(0, 'a', text('comes back')),
      (stage) => stage.save(0, 'a', text('was there meanwhile')),
      (stage) => stage.restore(1, 'a'),
    ],
  },
  {
    name: 'modes and links',
    steps: [
      (stage) => {
        stage.save(0, 'tool', text('runs'));
        stage.symlink(0, 'link', 'tool');
      },
      (stage) => stage.setExecutable(0, 'tool', true),
      (stage) => stage.symlink(1, 'link', 'elsewhere'),
      (stage) => stage.save(0, 'link', text('a file where a link was')),
    ],
  },
  {
    name: 'join',
    before: (stage) => {
      stage.save(0, 'same', text('equal on both'));
      stage.save(1, 'same', text('equal on both'));
      stage.save(0, 'a', text('of the one'));
      stage.save(1, 'a', text('of the other'));
      stage.save(0, 'kind', text('a file here'));
      stage.save(1, 'kind/a', text('a directory there'));
    },
    steps: [],
  },
];

function text(what: string): Uint8Array {
  return utf8(`${what}\n`);
}

function big(what: string): Uint8Array {
  const bytes = new Uint8Array(bigBytes);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * i) >>> 5;
  bytes.set(utf8(what));
  return bytes;
}
