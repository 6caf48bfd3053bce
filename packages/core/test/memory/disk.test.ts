import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import { DiskPerson, FolderDisk, MemoryDisk, type MemoryDiskOptions } from '../../src/memory/index.js';
import type { FolderId } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';

const id = 'a5'.repeat(32) as FolderId;
const [old, next] = [utf8('the old version'), utf8('the new one')];

function claimed(options: MemoryDiskOptions = {}): {
  readonly disk: MemoryDisk;
  readonly folder: FolderDisk;
  readonly person: DiskPerson;
} {
  const disk = new MemoryDisk(options);
  disk.makeDirectories('/disk');
  const folder = new FolderDisk(disk, '/disk', nodeCrypto());
  folder.claim(id, true);
  disk.syncAll();
  return { disk, folder, person: new DiskPerson(disk, '/disk') };
}

class PowerCut extends Error {}

function place(folder: FolderDisk): void {
  folder.apply(id, [
    {
      type: 'place-file',
      path: 'a',
      bytes: next,
      size: next.length,
      mtimeUs: 1,
      executable: false,
      expected: folder.row('a'),
    },
    { type: 'make-directory', path: 'd' },
  ]);
}

describe('a power cut', () => {
  test('undoes names that were not made durable, and keeps those that were', () => {
    const { disk, person } = claimed();
    disk.makeFile('/disk/durable');
    disk.sync();
    disk.makeFile('/disk/volatile');
    disk.rename('/disk/durable', '/disk/renamed');
    disk.crash();
    expect(person.list('')).toEqual(['durable']);
  });

  test('keeps a beginning of what was changed', () => {
    const { disk, person } = claimed();
    for (const name of ['a', 'b', 'c', 'd']) disk.makeFile(`/disk/${name}`);
    disk.crash(() => 0.5);
    expect(person.list('')).toEqual(['a', 'b']);
  });

  test('of a loose disk takes names whose bytes were flushed, until the names are made durable', () => {
    const { disk, person } = claimed();
    disk.faults.loose = true;
    for (const name of ['a', 'b']) {
      disk.makeFile(`/disk/${name}`);
      disk.writeAt(`/disk/${name}`, 0, utf8(name));
      disk.flush(`/disk/${name}`);
      if (name === 'a') disk.sync();
    }
    disk.crash();
    expect(person.list('')).toEqual(['a']);
    expect(person.read('a')).toEqual(utf8('a'));
  });

  test('leaves bytes that were not flushed old, new or torn', () => {
    const left = [0.1, 0.5, 0.9].map((chance) => {
      const { disk, person } = claimed();
      person.write('a', utf8('aaaa'));
      disk.writeAt('/disk/a', 0, utf8('bbbb'));
      disk.crash(() => chance);
      return new TextDecoder().decode(person.read('a'));
    });
    expect(left).toEqual(['aaaa', 'bbbb', 'bbaa']);
  });

  test.each([{ links: true }, { links: false }])(
    'at any step of a replacement leaves old or new, with %o',
    (options) => {
      let steps = 0;
      for (let cut = 0; cut <= steps; cut++) {
        const { disk, folder, person } = claimed(options);
        person.write('a', old);
        let count = 0;
        disk.faults.step = () => {
          if (++count > cut && cut > 0) throw new PowerCut();
        };
        if (cut === 0) place(folder);
        else expect(() => place(folder)).toThrow(PowerCut);
        if (cut === 0) steps = count - 1;
        disk.faults.step = () => undefined;
        disk.crash(() => (cut % 4) / 4);
        const now = person.read('a');
        expect([old, next], `cut ${cut}`).toContainEqual(now);
        const archived = disk.find(folder.archived('group-1/a'))?.bytes;
        expect([now, archived], `cut ${cut}`).toContainEqual(old);
      }
      expect(steps).toBeGreaterThan(5);
    },
  );
});

describe('a full disk', () => {
  test('takes what fits and says so; what was there stays', () => {
    const { disk, folder, person } = claimed();
    person.write('a', old);
    disk.faults.freeBytes = 4;
    const [result] = folder.apply(id, [
      {
        type: 'place-file',
        path: 'a',
        bytes: next,
        size: next.length,
        mtimeUs: 1,
        executable: false,
        expected: folder.row('a'),
      },
    ]);
    expect(result).toMatchObject({ outcome: 'failed', code: 'disk-full' });
    expect(person.read('a')).toEqual(old);
  });

  test('a disk that cannot be read or written says so and changes nothing', () => {
    const { disk, folder, person } = claimed();
    person.write('a', old);
    const seen = folder.row('a');
    disk.faults.unreadable = (path) => path === '/disk/a';
    expect(folder.row('a')).toMatchObject({ kind: 'unreadable' });
    disk.faults.unreadable = () => false;
    disk.faults.unwritable = (path) => path === '/disk/a';
    if (seen.kind !== 'file') throw new Error('not a file');
    expect(folder.apply(id, [{ type: 'remove', path: 'a', expected: seen }])).toMatchObject([
      { outcome: 'failed', code: 'io' },
    ]);
    expect(person.read('a')).toEqual(old);
  });

  test('[FIL-43] changes nothing where the old version can not be archived, and takes nothing out', () => {
    const { disk, folder, person } = claimed({ links: false });
    person.write('a', old);
    const place = { type: 'place-file', path: 'a', size: next.length, mtimeUs: 1, executable: false } as const;
    folder.apply(id, [{ ...place, bytes: next, expected: folder.row('a') }], 'first');
    disk.faults.freeBytes = next.length + 4;
    const [result] = folder.apply(id, [{ ...place, bytes: next, expected: folder.row('a') }], 'second');
    expect(result).toMatchObject({ outcome: 'failed', code: 'disk-full' });
    expect(person.read('a')).toEqual(next);
    expect(disk.readFile(folder.archived('first/a'))).toEqual(old);
    expect(disk.find(folder.archived('second/a'))).toBeUndefined();
  });
});

describe('a disk without links', () => {
  test('[FIL-43] has a copy in the archive, with its time', () => {
    const { disk, folder, person } = claimed({ links: false });
    person.write('a', old);
    const [before] = [folder.row('a')];
    place(folder);
    expect(person.read('a')).toEqual(next);
    const archived = disk.get(folder.archived('group-1/a'));
    expect(archived.bytes).toEqual(old);
    expect(archived.mtimeUs).toBe(before.mtimeUs);
    expect(archived.number).not.toBe(before.inode);
  });
});

describe('a disk that goes wrong', () => {
  test.each([
    ['read', 'EIO'],
    ['list', 'EACCES'],
    ['write', 'EPERM'],
  ] as const)('refuses to %s and does the rest', (use, code) => {
    const { disk, person } = claimed();
    person.write('dir/a', utf8('old'));
    disk.faults.refuses = (_path, what) => (what === use ? code : undefined);
    const acts = {
      read: () => void disk.readFile('/disk/dir/a'),
      list: () => void disk.names('/disk/dir'),
      write: () => disk.setBytes('/disk/dir/a', utf8('new')),
    };
    for (const [name, act] of Object.entries(acts)) {
      if (name === use) expect(act).toThrow(code);
      else expect(act).not.toThrow();
    }
  });

  test('turns a bit and leaves all stamps as they are', () => {
    const { disk, folder, person } = claimed();
    person.write('a', utf8('aaaa'));
    const before = folder.row('a');
    disk.turnBit('/disk/a', 8);
    expect(person.read('a')).toEqual(utf8('a`aa'));
    expect(folder.row('a')).toEqual(before);
  });
});
