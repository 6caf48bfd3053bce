import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import { errorCode } from '../../src/errors.js';
import { runEntriesMax } from '../../src/limits.js';
import { createFolder, defaultPolicy, genesisEntry } from '../../src/membership/index.js';
import {
  decodeEntry,
  decodeRecords,
  type Entry,
  encodeEntry,
  encodeHeader,
  encodeRecords,
  findFork,
  freshDeviceKeys,
  freshPersonKeys,
  type GenesisRecord,
  genesisRecordOf,
  headerHash,
  isSigned,
  type RunStart,
  toFolderId,
  verifyGenesis,
  verifyRun,
} from '../../src/model/index.js';
import { seeded } from '../membership/world.js';
import { providers } from '../providers.js';
import { TestLog, unsigned } from './entries.js';

describe.each(providers.map((crypto) => ({ name: crypto.name, crypto })))('runs with $name', ({ crypto }) => {
  function verdict(run: readonly Entry[], after: RunStart): string {
    try {
      verifyRun(crypto, run, after);
      return 'ok';
    } catch (error) {
      return errorCode(error);
    }
  }

  function at(log: TestLog, index: number): Entry {
    return log.entries[index] as Entry;
  }

  test('an entry is the same after a journey as bytes', () => {
    for (const entry of new TestLog(crypto).grow(2).entries)
      expect(decodeEntry(crypto, encodeEntry(entry))).toEqual(entry);
  });

  test('[LOG-1] what is no array of four, or has half a signature, is refused', () => {
    const [entry] = new TestLog(crypto).grow(1).entries;
    if (entry === undefined) throw new Error('a log with an entry');
    const bytes = encodeEntry(entry);
    const half = encodeEntry({ ...entry, signature: (entry.signature as Uint8Array).slice(0, 32) });
    for (const bad of [half, bytes.slice(0, -1), Uint8Array.of(...bytes, 0), Uint8Array.of(0x93), new Uint8Array(0)]) {
      expect(() => decodeEntry(crypto, bad)).toThrow(expect.objectContaining({ code: 'malformed' }));
    }
  });

  test('[LOG-5] [LOG-6] the hash leaves the signature out, and an empty part is left out', () => {
    const [entry] = new TestLog(crypto).grow(1).entries;
    if (entry === undefined) throw new Error('a log with an entry');
    expect(decodeEntry(crypto, encodeEntry(unsigned(entry))).hash).toBe(entry.hash);
    expect(headerHash(crypto, entry.headerBytes)).toBe(entry.hash);
    const log = new TestLog(crypto);
    expect(() => log.append({}, { publicBytes: new Uint8Array(0) })).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
  });

  test('[LOG-7] a part is a list of one to 4,096 records of bounded length', () => {
    const record = { type: 31, payload: new Uint8Array(1) };
    const many = Array.from({ length: 4_096 }, () => record);
    expect(decodeRecords(encodeRecords(many))).toHaveLength(4_096);
    const over = Uint8Array.of(0xdc, 0x10, 0x01);
    const empty = Uint8Array.of(0x90);
    const long = Uint8Array.of(0x91, 0x92, 0x1f, 0xc6, 0x00, 0x04, 0x00, 0x01);
    const shapes: readonly (readonly [Uint8Array, string])[] = [
      [over, 'over-limit'],
      [long, 'over-limit'],
      [empty, 'malformed'],
      [Uint8Array.of(0x91, 0x91, 0x1f), 'malformed'],
      [Uint8Array.of(0x91, 0x92, 0xcc, 0x1f, 0xc4, 0x00), 'non-canonical'],
    ];
    for (const [bytes, code] of shapes) expect(() => decodeRecords(bytes)).toThrow(expect.objectContaining({ code }));
  });

  test('[LOG-16] one signature at the end proves a run, from any place of the log on', () => {
    const log = new TestLog(crypto).grow(6);
    const bare = log.entries.map((entry, index) => (index === 5 ? entry : unsigned(entry)));
    expect(verdict(bare, log.start)).toBe('ok');
    const after = { ...log.start, seq: 3, hash: at(log, 2).hash };
    expect(verifyRun(crypto, bare.slice(3), after).map(({ hash }) => hash)).toEqual(
      bare.slice(3).map(({ hash }) => hash),
    );
    expect(verdict(bare.slice(0, 3), log.start)).toBe('bad-signature');
    expect(verifyRun(crypto, [], after)).toEqual([]);
  });

  test('[LOG-17] a signature before the end changes nothing and is not passed on', () => {
    const log = new TestLog(crypto).grow(3);
    const wrong = { ...at(log, 0), signature: at(log, 1).signature };
    const verified = verifyRun(crypto, [wrong, at(log, 1), at(log, 2)], log.start);
    expect(verified.map(({ signature }) => signature !== undefined)).toEqual([false, false, true]);
    expect(isSigned(crypto, wrong)).toBe(false);
    expect(isSigned(crypto, at(log, 0))).toBe(true);
  });

  test('[LOG-16] another key’s signature, a changed one or none is refused', () => {
    const log = new TestLog(crypto).grow(2);
    const other = new TestLog(crypto, 'content', 'other').grow(2);
    const signature = (at(log, 1).signature as Uint8Array).map((byte, index) => (index === 9 ? byte ^ 1 : byte));
    for (const last of [
      unsigned(at(log, 1)),
      { ...at(log, 1), signature },
      { ...at(log, 1), signature: at(other, 1).signature },
      { ...at(log, 1), signature: at(log, 0).signature },
    ]) {
      expect(verdict([at(log, 0), last], log.start)).toBe('bad-signature');
    }
  });

  test('[LOG-13] at most 1,024 entries', () => {
    const log = new TestLog(crypto, 'membership').grow(1);
    const many = Array.from({ length: runEntriesMax + 1 }, () => at(log, 0));
    expect(verdict(many, log.start)).toBe('over-limit');
  });

  test('[LOG-14] an entry of another folder is refused', () => {
    const log = new TestLog(crypto).grow(1);
    const folder = toFolderId(crypto.blake3(utf8('elsewhere')));
    expect(verdict(log.entries, { ...log.start, folder })).toBe('wrong-folder');
  });

  test('[LOG-15] a gap, a repetition, another order, log or past is refused', () => {
    const log = new TestLog(crypto).grow(4);
    const other = new TestLog(crypto, 'membership').grow(2);
    const [a, b, c, d] = [at(log, 0), at(log, 1), at(log, 2), at(log, 3)];
    for (const run of [[a, c, d], [a, b, b, c], [b, a], [b, c, d], [at(other, 0)], [a, at(other, 1)]]) {
      expect(verdict(run, log.start)).toBe('bad-chain');
    }
    const branch = new TestLog(crypto);
    branch.append({ clock: 99n });
    branch.append();
    expect(verdict([a, at(branch, 1)], log.start)).toBe('bad-chain');
    expect(verdict([b], { ...log.start, seq: 1, hash: at(branch, 0).hash })).toBe('bad-chain');
  });

  test('[LOG-18] a part that is not what the header names is refused', () => {
    const log = new TestLog(crypto).grow(1);
    const entry = at(log, 0);
    const [publicBytes, sealedBytes] = [entry.publicBytes as Uint8Array, entry.sealedBytes as Uint8Array];
    const flipped = publicBytes.map((byte, index) => (index === publicBytes.length - 1 ? byte ^ 1 : byte));
    expect(verdict([{ ...entry, publicBytes: flipped }], log.start)).toBe('bad-hash');
    expect(verdict([{ ...entry, publicBytes: publicBytes.subarray(1) }], log.start)).toBe('bad-hash');
    expect(verdict([{ ...entry, sealedBytes: sealedBytes.map((byte) => byte ^ 1) }], log.start)).toBe('bad-hash');
    const plain = new TestLog(crypto, 'membership').grow(1);
    expect(verdict([{ ...at(plain, 0), sealedBytes }], plain.start)).toBe('malformed');
  });

  test('[LOG-19] the sealed part may be absent, the public part may not', () => {
    const log = new TestLog(crypto).grow(1);
    expect(verdict([{ ...at(log, 0), sealedBytes: undefined }], log.start)).toBe('ok');
    expect(verdict([{ ...at(log, 0), publicBytes: undefined }], log.start)).toBe('malformed');
  });

  test('[LOG-20] the public part of a membership entry is a list of records', () => {
    const log = new TestLog(crypto, 'membership');
    log.append({}, { publicBytes: Uint8Array.of(1) });
    expect(verdict(log.entries, log.start)).toBe('malformed');
    const bridge = new TestLog(crypto, 'membership');
    bridge.append();
    expect(verdict(bridge.entries, bridge.start)).toBe('ok');
  });

  test('[LOG-22] a fork is the lowest place with two headers', () => {
    const [one, other] = [new TestLog(crypto).grow(2), new TestLog(crypto).grow(2)];
    expect(findFork(one.entries, other.entries)).toBeUndefined();
    one.append({ clock: 7n });
    other.append({ clock: 8n });
    one.grow(1);
    other.grow(2);
    const fork = findFork(one.entries.slice(1), [...other.entries].reverse());
    expect([fork?.first, fork?.second]).toEqual([at(one, 2), at(other, 2)]);
    expect(findFork(one.entries, new TestLog(crypto, 'membership').grow(3).entries)).toBeUndefined();
  });

  describe('of a genesis', () => {
    const random = seeded(crypto, 'genesis');
    const [device, person] = [freshDeviceKeys(random), freshPersonKeys(random)];
    const made = createFolder(crypto, random, { kind: 'files', device, person, clock: 1n });
    const record = genesisRecordOf(made.genesis);

    function genesisVerdict(change: Partial<GenesisRecord>): string {
      const genesis = genesisEntry(crypto, device, { ...record, ...change }, 1n);
      const folder = genesis.hash as string as RunStart['folder'];
      const name = { device: genesis.header.device, log: 'membership' } as const;
      return verdict([genesis], { folder, name, seq: 0, hash: undefined });
    }

    test('[MEM-1] [LOG-21] the folder is named by the hash of its header', () => {
      expect(verifyGenesis(crypto, made.folder, made.genesis).hash).toBe(made.folder);
      expect(genesisVerdict({})).toBe('ok');
      const other = toFolderId(crypto.blake3(utf8('other')));
      expect(() => verifyGenesis(crypto, other, made.genesis)).toThrow(
        expect.objectContaining({ code: 'wrong-folder' }),
      );
      expect(() => verifyGenesis(crypto, made.folder, unsigned(made.genesis))).toThrow(
        expect.objectContaining({ code: 'bad-signature' }),
      );
      const log = new TestLog(crypto, 'membership').grow(1);
      expect(() => verifyGenesis(crypto, log.folder, at(log, 0))).toThrow(
        expect.objectContaining({ code: 'malformed' }),
      );
    });

    test('[MEM-3] [MEM-4] [MEM-5] [MEM-6] owners that are not as they must be are refused', () => {
      const [maker] = record.owners;
      if (maker === undefined) throw new Error('a genesis has an owner');
      const second = new TestLog(crypto, 'content', 'second').device;
      const low = { ...maker, personBox: new Uint8Array(32) };
      expect(genesisVerdict({ nonce: crypto.blake3(record.nonce) })).toBe('bad-signature');
      expect(
        genesisVerdict({ owners: [maker, maker], certificates: [...record.certificates, ...record.certificates] }),
      ).toBe('malformed');
      expect(genesisVerdict({ certificates: [...record.certificates, ...record.certificates] })).toBe('malformed');
      expect(genesisVerdict({ owners: [{ ...maker, device: second }] })).toBe('malformed');
      expect(genesisVerdict({ owners: [low] })).toBe('bad-key');
      expect(genesisVerdict({ policy: { ...defaultPolicy, invite: 'store' } })).toBe('malformed');
    });
  });

  test('[LOG-16] the verdict on a log does not depend on how it is cut into runs', () => {
    const log = new TestLog(crypto).grow(12);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 11 })), fc.option(fc.nat(11)), (cuts, broken) => {
        const places = [0, ...cuts.sort((a, b) => a - b), 12];
        const entries = log.entries.map((entry, index) =>
          index === broken ? { ...entry, publicBytes: Uint8Array.of(0x90) } : entry,
        );
        const verdicts = places.slice(1).map((end, index) => {
          const seq = places[index] as number;
          return verdict(entries.slice(seq, end), { ...log.start, seq, hash: log.entries[seq - 1]?.hash });
        });
        expect(verdicts.every((each) => each === 'ok')).toBe(broken === null);
      }),
      { numRuns: 30 },
    );
  });

  test('[LOG-2] a header that is not canonical or not of this version is refused', () => {
    const log = new TestLog(crypto).grow(1);
    const { headerBytes, header } = at(log, 0);
    const bad: readonly (readonly [Uint8Array, string])[] = [
      [headerBytes.slice(0, -1), 'malformed'],
      [Uint8Array.of(...headerBytes, 0), 'malformed'],
      [encodeHeader({ ...header, version: 2 }), 'unknown-version'],
      [encodeHeader({ ...header, seq: 0 }), 'malformed'],
      [encodeHeader({ ...header, seq: 2 }), 'bad-chain'],
      [encodeHeader({ ...header, folder: undefined }), 'wrong-folder'],
      [encodeHeader({ ...header, epoch: undefined }), 'malformed'],
    ];
    for (const [bytes, code] of bad) {
      expect(() => decodeEntry(crypto, encodeEntry({ ...at(log, 0), headerBytes: bytes }))).toThrow(
        expect.objectContaining({ code }),
      );
    }
  });
});
