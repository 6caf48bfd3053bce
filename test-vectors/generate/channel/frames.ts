import { FrameWriter, NoiseCipher } from '@cloudless/core/channel';
import { nobleCrypto } from '@cloudless/core/crypto';
import { type Case, flipped, hex, kit } from '../testkit.js';

const key = new Uint8Array(32).fill(0x0a);
const contents = ['00', '0102030405', 'ff'.repeat(200)];

function sealed(): Uint8Array[] {
  const writer = new FrameWriter(new NoiseCipher(nobleCrypto(), key));
  return contents.map((content) => {
    writer.add(new Uint8Array(Buffer.from(content, 'hex')));
    return writer.take() ?? new Uint8Array();
  });
}

function joined(...frames: readonly (Uint8Array | undefined)[]): string {
  return frames.map((frame) => hex(frame ?? new Uint8Array())).join('');
}

export function frameCases(): readonly Case[] {
  const frames = kit('frames');
  const [one, two, three] = sealed() as [Uint8Array, Uint8Array, Uint8Array];
  const base = { key: hex(key) };
  const refuse = (name: string, kind: string, comment: string, stream: string): Case =>
    frames.refuse(name, kind, comment, 'CON-11', { ...base, stream });
  return [
    frames.accept('three', 'Nonces 0, 1, 2.', 'CON-9', { ...base, stream: joined(one, two, three), contents }),
    frames.accept('cut-off', 'Two frames and the start of one that may still come.', 'CON-9', {
      ...base,
      stream: joined(one, two, three.subarray(0, 100)),
      contents: contents.slice(0, 2),
    }),
    refuse('empty', 'malformed', 'A length of 0.', '0000'),
    refuse('tag-only', 'malformed', 'A length of 16 has no room for content.', `0010${'00'.repeat(16)}`),
    refuse('content-changed', 'bad-mac', 'One bit of the content.', joined(one, flipped(two, 3))),
    refuse('tag-changed', 'bad-mac', 'One bit of the tag.', joined(one, flipped(two, -1))),
    refuse(
      'length-changed',
      'bad-mac',
      'A longer length takes bytes of the next frame.',
      joined(flipped(two, 1), three),
    ),
    refuse('repeated', 'bad-mac', 'The nonce has moved on.', joined(one, one)),
    refuse('left-out', 'bad-mac', 'The first frame is missing.', joined(two)),
    refuse('moved', 'bad-mac', 'The second frame comes third.', joined(one, three, two)),
  ];
}
