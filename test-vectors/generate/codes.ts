import { hkdfSync } from 'node:crypto';
import { linkCases } from './codes/links.js';
import { secrets, typedCases } from './codes/typed.js';
import { wordCases } from './codes/words.js';
import { type Case, hex, kit } from './testkit.js';

const derive = kit('derive');
const life = kit('life');
const day = 86_400_000;

function hkdf(secret: Uint8Array, purpose: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', `cloudless/1 ${purpose}\0`, 32)).toString('hex');
}

function derivations(): readonly Case[] {
  return Object.entries(secrets).map(([name, secret]) =>
    derive.accept(name, 'What is derived of these bytes.', 'COD-8 COD-1', {
      secret: hex(secret),
      codeId: hkdf(secret, 'code id').slice(0, 32),
      psk: hkdf(secret, 'code psk'),
      topic: hkdf(secret, 'code topic'),
    }),
  );
}

function lives(): readonly Case[] {
  const open = { expiresMs: 10 * day, usedMs: null };
  const used = { expiresMs: 10 * day, usedMs: 9 * day };
  const revoked = { expiresMs: 10 * day, usedMs: null, revokedMs: 9 * day };
  const refuse = (name: string, kind: string, comment: string, ids: string, fields: object): Case =>
    life.refuse(name, kind, comment, ids, { ...fields });
  return [
    life.accept('open', 'The last millisecond.', 'COD-13', { ...open, nowMs: 10 * day - 1 }),
    refuse('expired', 'code-expired', 'Its time has come.', 'COD-13', { ...open, nowMs: 10 * day }),
    refuse('used', 'code-used', 'It was used.', 'COD-13', { ...used, nowMs: 9 * day }),
    refuse('used-and-expired', 'code-used', 'It was used, and then its time came.', 'COD-13', {
      ...used,
      nowMs: 11 * day,
    }),
    refuse('never-made', 'code-unknown', 'There is no such code.', 'COD-13', {
      expiresMs: null,
      usedMs: null,
      nowMs: 0,
    }),
    refuse('revoked', 'code-revoked', 'Its maker took it back.', 'COD-13', { ...revoked, nowMs: 9 * day }),
    refuse('revoked-and-expired', 'code-revoked', 'It was taken back, and then its time came.', 'COD-13', {
      ...revoked,
      nowMs: 11 * day,
    }),
    refuse('revoked-forgotten', 'code-unknown', '30 days after it was taken back.', 'COD-14', {
      ...revoked,
      nowMs: 39 * day,
    }),
    refuse('expired-long-ago', 'code-expired', 'The last millisecond of 30 days.', 'COD-14', {
      ...open,
      nowMs: 40 * day - 1,
    }),
    refuse('forgotten', 'code-unknown', '30 days after its end.', 'COD-14', { ...open, nowMs: 40 * day }),
    refuse('used-long-ago', 'code-used', 'The last millisecond of 30 days.', 'COD-14', {
      ...used,
      nowMs: 39 * day - 1,
    }),
    refuse('used-forgotten', 'code-unknown', '30 days after its use.', 'COD-14', { ...used, nowMs: 39 * day }),
  ];
}

/** The vectors of `spec/02`. */
export function cases(): readonly Case[] {
  return [...typedCases(), ...wordCases(), ...linkCases(), ...derivations(), ...lives()];
}
