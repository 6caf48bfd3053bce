import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { errorCode } from '../../src/errors.js';
import { countedOf, Fingerprint, FingerprintHasher } from '../../src/tree/index.js';
import { providers } from '../providers.js';
import { version } from './arbitrary.js';
import { contentId } from './world.js';

const key = new Uint8Array(32).fill(3);

describe.each(providers)('fingerprints with $name', (crypto) => {
  const hasher = new FingerprintHasher(crypto, key);
  const term = (path: string, n: number): Uint8Array | undefined =>
    hasher.term(path, [version({ content: contentId(n) })]);

  test('[FIL-46] do not depend on the order in which paths come, change and go', () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3 })), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (changes) => {
        const now = new Map<number, Uint8Array | undefined>();
        const kept = Fingerprint.empty();
        for (const [path, n] of changes) {
          const next = n === 0 ? undefined : term(`p${path}`, n);
          kept.replace(now.get(path), next);
          now.set(path, next);
        }
        const fresh = Fingerprint.empty();
        for (const [, last] of [...now].sort((a, b) => b[0] - a[0])) fresh.replace(undefined, last);
        expect(toHex(kept.total())).toBe(toHex(fresh.total()));
        expect(kept.differences(fresh)).toEqual([]);
        expect(Fingerprint.from(kept.bytes()).differences(fresh)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test('[FIL-45] tell path, content, time and mode apart, and take no delete', () => {
    const base = version({ content: contentId(1) });
    const terms = [
      hasher.term('a', [base]),
      hasher.term('b', [base]),
      hasher.term('a', [{ ...base, content: contentId(2) }]),
      hasher.term('a', [{ ...base, mtimeUs: 1 }]),
      hasher.term('a', [{ ...base, executable: true }]),
      hasher.term('a', [{ ...base, typeNumber: 3 }]),
    ].map((bytes) => toHex(bytes as Uint8Array));
    expect(new Set(terms).size).toBe(terms.length);
    expect(hasher.term('a', countedOf([version({ type: 'absent', content: undefined })]))).toBeUndefined();
  });

  test('a difference shows in the bucket of its term', () => {
    const [one, two] = [Fingerprint.empty(), Fingerprint.empty()];
    const changed = term('x', 1) as Uint8Array;
    one.replace(undefined, changed);
    expect(one.differences(two)).toEqual([changed[0]]);
  });
});

test('other lengths are no fingerprint', () => {
  let code = '';
  try {
    Fingerprint.from(new Uint8Array(32));
  } catch (error) {
    code = errorCode(error);
  }
  expect(code).toBe('malformed');
});
