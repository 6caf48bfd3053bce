import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import type { ContentId } from '../../src/model/index.js';
import { conflictName, isConflictName, MemoryView, pathState, type Version, viewRow } from '../../src/tree/index.js';
import { version } from './arbitrary.js';
import { contentId, deviceId } from './world.js';

/** 2026-11-22 20:17:05 UTC. */
const ms = Date.UTC(2026, 10, 22, 20, 17, 5);
const hlc = BigInt(ms) << 16n;

function by(device: number, fields: Partial<Version>): Version {
  const id = deviceId(device);
  const at = fields.at ?? { device: id, seq: 1, index: 0 };
  return version({ stamp: { hlc: hlc + BigInt(device), device: id }, at, vector: { [id]: at.seq }, ...fields });
}

function viewOf(...versions: readonly Version[]): MemoryView {
  const view = new MemoryView();
  for (const one of versions) view.add(one);
  return view;
}

describe('names of conflict copies', () => {
  const one = by(0, { content: `0123456789${'ab'.repeat(27)}` as ContentId });
  const name = (path: string, digits = 8): string | undefined => conflictName(path, one, digits);

  test('[FIL-21] stem, stamp in UTC, device, content, extension', () => {
    expect(name('d/letter.txt')).toBe('d/letter (conflict 20261122-201705 010101 01234567).txt');
    expect(name('noext')).toBe('noext (conflict 20261122-201705 010101 01234567)');
    expect(name('.profile')).toBe('.profile (conflict 20261122-201705 010101 01234567)');
    expect(name('a.b.c')).toBe('a.b (conflict 20261122-201705 010101 01234567).c');
    expect(name('x', 10)).toBe('x (conflict 20261122-201705 010101 0123456789)');
  });

  test('[FIL-21] what is long or has spaces is no extension', () => {
    expect(name('v1.2 final')).toBe('v1.2 final (conflict 20261122-201705 010101 01234567)');
    expect(name('a.12345678901234567')).toBe('a.12345678901234567 (conflict 20261122-201705 010101 01234567)');
    expect(name('a.123456789012345')).toBe('a (conflict 20261122-201705 010101 01234567).123456789012345');
  });

  test('[FIL-22] an old suffix is replaced', () => {
    const old = 'letter (conflict 20200101-000000 abcdef 89abcdef01).txt';
    expect(isConflictName(old)).toBe(true);
    expect(name(old)).toBe('letter (conflict 20261122-201705 010101 01234567).txt');
    expect(isConflictName('letter (conflict of interest).txt')).toBe(false);
  });

  test('[FIL-23] the stem is cut to whole characters within 255 bytes', () => {
    const long = name(`${'ä'.repeat(124)}x.md`) as string;
    expect(utf8(long).length).toBeLessThanOrEqual(255);
    expect(utf8(long).length).toBeGreaterThan(252);
    expect(long).toMatch(/^ä+ \(conflict [^)]*\)\.md$/);
  });

  test('[FIL-23] without room for one character there is no name', () => {
    const deep = `${`${'d'.repeat(255)}/`.repeat(15)}${'e'.repeat(220)}/`;
    expect(utf8(deep).length).toBeLessThan(4_096);
    expect(name(`${deep}f`)).toBeUndefined();
    expect(
      viewOf(
        by(0, { path: `${deep}f`, content: contentId(0) }),
        by(1, { path: `${deep}f`, content: contentId(1) }),
      ).copyNames(),
    ).not.toContain(undefined);
  });

  test('[FIL-21] stamp 0 takes the time of the file, within years that have four digits', () => {
    const stamp = { hlc: 0n, device: deviceId(0) };
    expect(conflictName('a', { ...one, stamp, mtimeUs: ms * 1_000 }, 8)).toBe(
      'a (conflict 20261122-201705 010101 01234567)',
    );
    expect(conflictName('a', { ...one, stamp, mtimeUs: -5 }, 8)).toContain('19700101-000000');
    expect(conflictName('a', { ...one, stamp, mtimeUs: 9e15 }, 8)).toContain('-');
    expect(conflictName('a', { ...one, stamp: { ...stamp, hlc: (1n << 64n) - 1n } }, 8)).toContain('99991231-235959');
  });
});

describe('the state of a path', () => {
  const [x, y] = [contentId(0), contentId(1)];

  test('[FIL-17] of concurrent versions the greatest is shown, the others beside it', () => {
    const view = viewOf(by(0, { content: x }), by(1, { content: y }));
    const state = pathState(view, 'a');
    expect(state.shown?.content).toBe(y);
    expect(state.copies.map((copy) => [copy.path, copy.version.content])).toEqual([
      [`a (conflict 20261122-201705 010101 ${x.slice(0, 8)})`, x],
    ]);
    const [name] = [...view.copyNames()];
    expect(viewRow(view, name as string)).toMatchObject({ kind: 'file', copyOf: 'a', vector: {} });
  });

  test('[FIL-18] a path with live children is a directory, and its files are copies', () => {
    const view = viewOf(by(0, { content: x }), by(1, { path: 'a/b', content: y }));
    expect(pathState(view, 'a')).toMatchObject({ kind: 'directory', shown: undefined });
    expect([...view.copyNames()]).toHaveLength(1);
    view.add(by(1, { path: 'a/b', type: 'absent', content: undefined, at: { device: deviceId(1), seq: 2, index: 0 } }));
    expect(pathState(view, 'a')).toMatchObject({ kind: 'file' });
    expect([...view.copyNames()]).toEqual([]);
  });

  test('[FIL-18] a deleted directory with a live child is there', () => {
    const view = viewOf(by(0, { type: 'absent', content: undefined }), by(1, { path: 'a/b/c', content: y }));
    expect(viewRow(view, 'a')?.kind).toBe('directory');
    expect(viewRow(view, 'a/b')?.kind).toBe('directory');
  });

  test('[FIL-27] more digits while another live path has the name, no copy where that has its content', () => {
    const view = viewOf(by(0, { content: x }), by(1, { content: y }));
    const [name] = [...view.copyNames()] as [string];
    view.add(by(2, { path: name, content: contentId(5) }));
    expect([...view.copyNames()]).toEqual([name.replace(x.slice(0, 8), x.slice(0, 9))]);
    view.add(by(2, { path: name, content: x, at: { device: deviceId(2), seq: 2, index: 0 } }));
    expect([...view.copyNames()]).toEqual([]);
    view.add(by(2, { path: name, type: 'absent', content: undefined, at: { device: deviceId(2), seq: 3, index: 0 } }));
    expect([...view.copyNames()]).toEqual([name]);
  });

  test('[FIL-27] two copies that would have one name have two', () => {
    const stamp = { hlc, device: deviceId(0) };
    const contents = ['a', 'b'].map((digit) => `${'01234567'}${digit.repeat(56)}` as ContentId);
    const copies = contents.map((content, i) => by(i, { content, stamp }));
    const view = viewOf(...copies, by(2, { content: contentId(5) }));
    expect(pathState(view, 'a').copies.map(({ path }) => path)).toEqual([
      'a (conflict 20261122-201705 010101 01234567)',
      'a (conflict 20261122-201705 010101 01234567a)',
    ]);
  });

  test('a path that only has a delete is absent but known', () => {
    const view = viewOf(by(0, { type: 'absent', content: undefined }));
    expect(viewRow(view, 'a')).toMatchObject({ kind: 'absent', vector: { [deviceId(0)]: 1 } });
    expect(viewRow(view, 'b')).toBeUndefined();
  });
});
