import { pathFrame } from '@cloudless/core/channel';
import { type Case, hex, kit } from '../testkit.js';

const proof = '77'.repeat(32);
const sessionId = '88'.repeat(32);

export function pathFrameCases(): readonly Case[] {
  const frame = kit('path-frame');
  const accept = (name: string, content: string, parsed: object): Case =>
    frame.accept(name, 'Read field by field.', 'CON-32', { content, parsed });
  const refuse = (name: string, kind: string, comment: string, content: string): Case =>
    frame.refuse(name, kind, comment, 'CON-32', { content });
  return [
    accept('begin', hex(pathFrame({ kind: 'begin' })), { kind: 'begin' }),
    accept('attach', `02${sessionId}${proof}000000000102`, { kind: 'attach', sessionId, proof, received: 258 }),
    accept('attached', `03${proof}ffffffffffff`, { kind: 'attached', proof, received: 281_474_976_710_655 }),
    accept('unknown', hex(pathFrame({ kind: 'unknown' })), { kind: 'unknown' }),
    accept('items', '05000000000003000000000004030000000a', {
      kind: 'items',
      number: 3,
      received: 4,
      items: '030000000a',
    }),
    accept('ack', hex(pathFrame({ kind: 'ack', received: 2 ** 32 })), { kind: 'ack', received: 2 ** 32 }),
    accept('ping', hex(pathFrame({ kind: 'ping', id: 4_294_967_295 })), { kind: 'ping', id: 4_294_967_295 }),
    accept('pong', hex(pathFrame({ kind: 'pong', id: 1 })), { kind: 'pong', id: 1 }),
    accept('leave', hex(pathFrame({ kind: 'leave' })), { kind: 'leave' }),
    accept('close', hex(pathFrame({ kind: 'close', code: 7 })), { kind: 'close', code: 7 }),
    refuse('kind-0', 'protocol', 'No such kind.', '00'),
    refuse('kind-11', 'protocol', 'No such kind in this version.', '0b00'),
    refuse('begin-long', 'malformed', 'Begin has no fields.', '0100'),
    refuse('attach-short', 'malformed', 'One byte is missing.', `02${sessionId}${proof}0000000001`),
    refuse('attached-long', 'malformed', 'One byte too many.', `03${proof}00000000000000`),
    refuse('unknown-long', 'malformed', 'Unknown has no fields.', '0400'),
    refuse('items-none', 'malformed', 'A frame of items holds one at least.', '05000000000003000000000004'),
    refuse('items-short', 'malformed', 'The counts are cut short.', '0500000000'),
    refuse('ack-short', 'malformed', 'A count has six bytes.', '060000000001'),
    refuse('ping-long', 'malformed', 'An id has four bytes.', '070000000001'),
    refuse('pong-short', 'malformed', 'An id has four bytes.', '08000001'),
    refuse('leave-long', 'malformed', 'Leave has no fields.', '0901'),
    refuse('close-short', 'malformed', 'Close has a code.', '0a'),
  ];
}
