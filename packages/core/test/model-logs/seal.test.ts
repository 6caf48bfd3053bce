import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import { errorCode } from '../../src/errors.js';
import { bodyBytesMax } from '../../src/limits.js';
import {
  draftHeader,
  encodeRecords,
  type Header,
  openBody,
  type RawRecord,
  recordTypes,
  sealBody,
  sealedBodyBytes,
  sealedPartData,
  toEpochId,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { TestLog } from './entries.js';

describe.each(providers.map((crypto) => ({ name: crypto.name, crypto })))('sealed parts with $name', ({ crypto }) => {
  const key = crypto.blake3(utf8('key'));
  const salt = crypto.blake3(utf8('salt'));
  const epoch = toEpochId(crypto.blake3(utf8('epoch')));
  const records: readonly RawRecord[] = [{ type: recordTypes.append, payload: utf8('hello you!') }];
  const header = draftHeader(crypto, { header: new TestLog(crypto).header({ epoch }) });

  function verdict(changedKey: Uint8Array, changedHeader: Header, sealed: Uint8Array): string {
    try {
      openBody(crypto, changedKey, changedHeader, sealed);
      return 'ok';
    } catch (error) {
      return errorCode(error);
    }
  }

  test('[LOG-8] what is sealed opens in its entry', () => {
    const log = new TestLog(crypto);
    const draft = log.header({ epoch });
    const publicBytes = encodeRecords(records);
    const sealedBytes = sealBody(crypto, key, salt, draftHeader(crypto, { header: draft, publicBytes }), records);
    const entry = log.append(draft, { publicBytes, sealedBytes });
    expect(openBody(crypto, key, entry.header, sealedBytes)).toEqual(records);
    expect(sealedBytes.length).toBe(sealedBodyBytes(publicBytes.length));
  });

  test('[LOG-9] lengths are padded', () => {
    const item = fc.uint8Array({ minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(item, item, (a, b) => {
        const [one, other] = [a, b].map(
          (payload) => sealBody(crypto, key, salt, header, [{ type: 1, payload }]).length,
        );
        expect(one).toBe(sealedBodyBytes(encodeRecords([{ type: 1, payload: a }]).length));
        expect(other).toBe(sealedBodyBytes(encodeRecords([{ type: 1, payload: b }]).length));
      }),
      { numRuns: 50 },
    );
    expect(sealedBodyBytes(201)).toBe(sealedBodyBytes(202));
  });

  test('[LOG-10] any change of key, header or bytes is refused', () => {
    const sealed = sealBody(crypto, key, salt, header, records);
    expect(verdict(key, header, sealed)).toBe('ok');
    expect(verdict(salt, header, sealed)).toBe('bad-mac');
    expect(verdict(key, { ...header, clock: header.clock + 1n }, sealed)).toBe('bad-mac');
    expect(verdict(key, { ...header, timerSeconds: 60 }, sealed)).toBe('bad-mac');
    for (const place of [0, 31, 32, sealed.length - 1]) {
      expect(
        verdict(
          key,
          header,
          sealed.map((byte, index) => (index === place ? byte ^ 1 : byte)),
        ),
      ).toBe('bad-mac');
    }
    expect(verdict(key, header, sealed.subarray(0, 40))).toBe('malformed');
  });

  test('[LOG-9] [LOG-10] padding other than zeros up to the padded length is refused', () => {
    const seal = (plaintext: Uint8Array): Uint8Array => {
      const info = utf8('cloudless/1 body\0');
      const sealed = crypto.aeadSeal(crypto.hkdf(key, salt, info, 32), new Uint8Array(12), sealedData(), plaintext);
      return Uint8Array.of(...salt, ...sealed);
    };
    const encoded = encodeRecords(records);
    const plain = (length: number, total: number, fill: number): Uint8Array => {
      const bytes = new Uint8Array(total).fill(fill);
      bytes.set([0, 0, length >> 8, length & 0xff]);
      bytes.set(encoded, 4);
      return bytes;
    };
    const right = sealedBodyBytes(encoded.length) - 48;
    expect(verdict(key, header, seal(plain(encoded.length, right, 0)))).toBe('ok');
    expect(verdict(key, header, seal(plain(encoded.length, right + 16, 0)))).toBe('non-canonical');
    expect(verdict(key, header, seal(plain(encoded.length, right, 1)))).toBe('non-canonical');
    expect(verdict(key, header, seal(plain(encoded.length + 90, right, 0)))).toBe('malformed');
    expect(verdict(key, header, seal(plain(encoded.length - 1, right, 0)))).toBe('non-canonical');
  });

  function sealedData(): Uint8Array {
    return sealedPartData(header);
  }

  test('[LOG-11] more than a part holds is refused', () => {
    const payload = new Uint8Array(250_000);
    const many = Array.from({ length: 5 }, () => ({ type: 1, payload }));
    expect(() => sealBody(crypto, key, salt, header, many)).toThrow(expect.objectContaining({ code: 'over-limit' }));
    expect(sealBody(crypto, key, salt, header, many.slice(1)).length).toBeLessThanOrEqual(bodyBytesMax);
  });
});
