import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import { bytes, decode, encode } from '../../src/codec/index.js';
import { pathBytesMax, pathDepthMax, pathPartBytesMax } from '../../src/limits.js';
import {
  ancestorPaths,
  baseName,
  checkPath,
  foldCase,
  isInside,
  joinPath,
  parentPath,
  pathDepth,
  pathFault,
  type WirePath,
  wirePathCodec,
} from '../../src/model/path.js';
import { symlinkFault } from '../../src/model/symlink.js';
import { unsyncableReason } from '../../src/model/unsyncable.js';
import { refusalOf } from './refused.js';

const parts = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.constantFrom('a', 'B', 'ß', 'é', '.cloudles', ' '),
  )
  .map((part) => part.normalize('NFC'))
  .filter((part) => pathFault(part) === undefined);
const paths: fc.Arbitrary<WirePath> = fc
  .array(parts, { minLength: 1, maxLength: 6 })
  .map((each) => checkPath(each.join('/')));

describe('paths', () => {
  test('are taken apart and put together again', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(joinPath(parentPath(path), baseName(path))).toBe(path);
        expect(pathDepth(path)).toBe(path.split('/').length);
        expect(ancestorPaths(path).length).toBe(pathDepth(path) - 1);
        expect(ancestorPaths(path).at(-1)).toBe(parentPath(path));
        for (const ancestor of ancestorPaths(path)) expect(isInside(path, ancestor)).toBe(true);
      }),
    );
  });

  test('are inside their ancestors only', () => {
    fc.assert(
      fc.property(paths, paths, (a, b) => {
        expect(isInside(a, b)).toBe(ancestorPaths(a).includes(b));
        expect(isInside(a, a)).toBe(false);
      }),
    );
  });

  test('come back from the wire as they were', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(decode(wirePathCodec, encode(wirePathCodec, path), 5_000)).toBe(path);
      }),
    );
  });

  test('no text at all gets past the gate and out of the root', () => {
    const wild = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc
        .array(fc.constantFrom('..', '.', '/', '\0', 'a', '.cloudless', '\\', ' ', '\ud800'), { maxLength: 8 })
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(wild, (text) => {
        if (pathFault(text) !== undefined) return;
        const each = text.split('/');
        expect(each.every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'))).toBe(true);
        expect((each[0] as string).toLowerCase()).not.toBe('.cloudless');
        expect(text.normalize('NFC')).toBe(text);
        expect(new TextDecoder().decode(utf8(text))).toBe(text.replace(/^\ufeff/u, ''));
      }),
      { numRuns: 2_000 },
    );
  });

  test('the limits themselves are allowed, one more is not', () => {
    const part = 'x'.repeat(pathPartBytesMax);
    expect(pathFault(part)).toBeUndefined();
    expect(pathFault(`${part}x`)).toBe('part-too-long');
    expect(pathFault(`${'é'.repeat(127)}x`)).toBeUndefined();
    expect(pathFault('é'.repeat(128))).toBe('part-too-long');
    expect(pathFault(Array(pathDepthMax).fill('a').join('/'))).toBeUndefined();
    expect(
      pathFault(
        Array(pathDepthMax + 1)
          .fill('a')
          .join('/'),
      ),
    ).toBe('too-deep');
    const long = `${`${part}/`.repeat(15)}${'x'.repeat(pathBytesMax - 15 * 256)}`;
    expect(pathFault(long)).toBe('part-too-long');
    expect(pathFault(`${`${part}/`.repeat(15)}${part}`)).toBeUndefined();
    expect(pathFault(`${'a/'.repeat(pathBytesMax / 2)}a`)).toBe('path-too-long');
  });

  test('a refusal names the path and the fault, and never a whole kilometre of it', () => {
    const error = refusalOf(() => checkPath('photos/../../etc/passwd'));
    expect(error.code).toBe('bad-path');
    expect(error.details).toEqual({ fault: 'dot-dot' });
    expect(error.message).toBe('The path "photos/../../etc/passwd" is not allowed: a part is "..".');
    expect(refusalOf(() => checkPath('/'.repeat(100_000))).message.length).toBeLessThan(400);
  });

  test('a name with a slash is no name', () => {
    expect(refusalOf(() => joinPath(checkPath('a'), 'b/c')).code).toBe('bad-path');
    expect(refusalOf(() => joinPath(undefined, '..')).code).toBe('bad-path');
  });

  test('[ENC-4] bytes that are not UTF-8 never become a path', () => {
    const latin = Uint8Array.of(0xa3, 0x63, 0x61, 0xe9);
    expect(refusalOf(() => decode(wirePathCodec, latin, 100)).code).toBe('malformed');
    const long = encode(bytes(5_000), utf8('x'.repeat(4_097)));
    expect(refusalOf(() => decode(wirePathCodec, Uint8Array.of(0xda, ...long.subarray(1)), 5_000)).code).toBe(
      'over-limit',
    );
  });
});

describe('folding case', () => {
  test('is settled after one time and keeps the slashes', () => {
    fc.assert(
      fc.property(paths, (path) => {
        expect(foldCase(foldCase(path))).toBe(foldCase(path));
        expect(foldCase(path).split('/').length).toBe(path.split('/').length);
      }),
    );
  });

  test('is settled after one time for every character there is, alone and with a mark', () => {
    for (let code = 1; code < 0x11_0000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const folded = foldCase(String.fromCodePoint(code));
      if (foldCase(folded) !== folded) expect.fail(`U+${code.toString(16)} folds again`);
      if (code > 0x3000) continue;
      const marked = foldCase(String.fromCodePoint(code, 0x345, 0x301));
      if (foldCase(marked) !== marked) expect.fail(`U+${code.toString(16)} with marks folds again`);
    }
  });

  test.each([
    ['README.md', 'readme.MD'],
    ['straße', 'STRASSE'],
    ['STRAẞE', 'straße'],
    ['STRAẞE', 'strasse'],
    ['ΟΔΟΣ', 'οδος'],
    ['Å', 'å'],
  ])('%s and %s are twins', (a, b) => {
    expect(foldCase(a)).toBe(foldCase(b));
  });

  test('different names stay different', () => {
    expect(new Set(['a', 'b', 'é', 'e', 'ı', 'i'].map(foldCase)).size).toBe(5);
    expect(foldCase('ı')).toBe(foldCase('i'));
  });
});

describe('symbolic links', () => {
  test('whatever is allowed leads to a place in the root', () => {
    const steps = fc.array(fc.constantFrom('..', '.', '', 'a', 'b', '.cloudless'), { maxLength: 6 });
    fc.assert(
      fc.property(paths, steps, (path, each) => {
        const target = each.join('/');
        if (symlinkFault(path, target) !== undefined) return;
        const place: string[] = path.split('/').slice(0, -1);
        for (const step of each.filter((part) => part !== '' && part !== '.')) {
          if (step === '..') expect(place.pop()).toBeDefined();
          else place.push(step);
        }
        expect(place[0]).not.toBe('.cloudless');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('names that a system cannot hold', () => {
  test.each([
    'con',
    'CON.txt',
    'nul',
    'aux.tar.gz',
    'COM1',
    'lpt9.log',
    'com²',
    'a:b',
    'a\\b',
    'what?',
    'x.',
    'x ',
    'a\tb',
    'NUL .txt',
    'CLOUDL~1',
  ])('%j on Windows', (name) => {
    expect(unsyncableReason(name, 'windows')).toMatch(/^Windows /);
    expect(unsyncableReason(name, 'posix')).toBeUndefined();
  });

  test.each(['console', 'COM', 'com10', 'nul1', '.hidden', 'a.b', 'été', 'x y'])('%j is fine everywhere', (name) => {
    expect(unsyncableReason(name, 'windows')).toBeUndefined();
  });
});
