import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.js';
import type { Crypto } from '../../src/crypto/index.js';
import { checkCodeLife, codeId, codePsk, codeTopic, parseCode } from '../../src/model/code.js';
import { formatLink, type Invitation, parseLink } from '../../src/model/link.js';
import { formatTypedCode, parseTypedCode } from '../../src/model/typed-code.js';
import { formatWords, parseWords } from '../../src/model/words.js';
import { providers } from '../providers.js';
import { outcomeOf, readFamily, type FamilyVector as Vector } from './families.js';

function secretOf(vector: Vector): Uint8Array {
  return fromHex(String(vector.secret)) as Uint8Array;
}

/** An invitation as the vectors write it: byte strings in hex. */
function shown(invitation: Invitation): unknown {
  return invitation.type === 'code'
    ? { ...invitation, secret: toHex(invitation.secret) }
    : { ...invitation, seed: toHex(invitation.seed) };
}

const operations: Readonly<Record<string, (vector: Vector, crypto: Crypto) => void>> = {
  typed(vector) {
    const outcome = outcomeOf(() => toHex(parseTypedCode(String(vector.typed))));
    expect([outcome.kind, outcome.value]).toEqual([vector.expect, vector.secret]);
    if (vector.expect !== 'ok') expect(outcome.error?.details).toEqual({ groups: vector.groups });
    if (vector.written === true) expect(formatTypedCode(secretOf(vector))).toBe(vector.typed);
    if (vector.expect === 'ok') expect(parseCode(String(vector.typed)).form).toBe('typed');
  },
  words(vector) {
    const outcome = outcomeOf(() => toHex(parseWords(String(vector.words))));
    expect([outcome.kind, outcome.value]).toEqual([vector.expect, vector.secret]);
    expect(outcome.error?.details.word).toBe(vector.word);
    if (vector.written === true) expect(formatWords(secretOf(vector))).toBe(vector.words);
  },
  link(vector) {
    const link = String(vector.link);
    const outcome = outcomeOf(() => parseLink(link));
    expect(outcome.kind).toBe(vector.expect);
    if (outcome.value === undefined) return;
    expect(shown(outcome.value)).toEqual(vector.invitation);
    if (vector.written === true) expect(formatLink(outcome.value)).toBe(link);
  },
  derive(vector, crypto) {
    const secret = secretOf(vector);
    expect(codeId(crypto, secret)).toBe(vector.codeId);
    expect(toHex(codePsk(crypto, secret))).toBe(vector.psk);
    expect(toHex(codeTopic(crypto, secret))).toBe(vector.topic);
  },
  life(vector) {
    const { expiresMs, usedMs, revokedMs, nowMs } = vector as unknown as Record<string, number | null>;
    const ends = { usedMs: usedMs ?? undefined, revokedMs: revokedMs ?? undefined };
    const life = expiresMs === null ? undefined : { expiresMs: expiresMs as number, ...ends };
    expect(outcomeOf(() => checkCodeLife(life, nowMs as number)).kind).toBe(vector.expect);
  },
};

describe.each(providers)('codes with $name', (crypto) => {
  test.each(readFamily('codes'))('$name', (vector) => {
    const operation = operations[vector.operation];
    expect(operation).toBeDefined();
    operation?.(vector, crypto);
  });
});
