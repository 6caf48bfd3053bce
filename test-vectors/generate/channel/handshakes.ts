import { attachProof, Opening, ReplayMemory, startConnection } from '@cloudless/core/channel';
import { type Crypto, nobleCrypto } from '@cloudless/core/crypto';
import { type Case, flipped, hex, kit } from '../testkit.js';

const crypto: Crypto = nobleCrypto();

function filled(value: number): Uint8Array {
  return new Uint8Array(32).fill(value);
}

const psk = filled(0x70);
const initiatorStatic = filled(0x11);
const responderStatic = filled(0x22);
const initiatorEphemeral = filled(0x33);
const responderEphemeral = filled(0x44);
const secrets = {
  psk: hex(psk),
  initiatorStatic: hex(initiatorStatic),
  responderStatic: hex(responderStatic),
  initiatorEphemeral: hex(initiatorEphemeral),
  responderEphemeral: hex(responderEphemeral),
};

interface Transcript {
  readonly first: Uint8Array;
  readonly second: Uint8Array;
  readonly third: Uint8Array;
  readonly outputs: Readonly<Record<string, string>>;
}

/** A whole handshake; `provider` may be one that lies about a key. */
function transcript(responderKey?: Uint8Array, provider: Crypto = crypto, accepts: Uint8Array = psk): Transcript {
  const initiator = new Opening({
    crypto: provider,
    random: () => initiatorEphemeral,
    nowMs: 0,
    role: 'initiator',
    candidate: { psk, staticSecret: initiatorStatic },
    responderKey,
  });
  const responder = new Opening({
    crypto,
    random: () => responderEphemeral,
    nowMs: 0,
    role: 'responder',
    replays: new ReplayMemory(),
    lookup: () => ({ psk: accepts, staticSecret: responderStatic }),
  });
  const first = initiator.pull() ?? new Uint8Array();
  responder.receive(first, 0);
  const second = responder.pull() ?? new Uint8Array();
  const [event] = initiator.receive(second, 0);
  if (event?.type !== 'ready') return { first, second, third: new Uint8Array(), outputs: {} };
  const { connection } = startConnection(event.path, { crypto }, 0);
  const output = connection.pull(event.path, 65_536, 0) ?? new Uint8Array();
  return {
    first,
    second,
    third: output.subarray(0, 64),
    outputs: {
      first: hex(first),
      second: hex(second),
      third: hex(output.subarray(0, 64)),
      frames: hex(output.subarray(64)),
      handshakeHash: hex(event.path.handshakeHash),
      sessionSecret: hex(event.path.sessionSecret),
      sessionId: connection.sessionId,
    },
  };
}

export function handshakeCases(): readonly Case[] {
  return [...wholeCases(), ...firstCases(), ...laterCases(), ...proofCases()];
}

function wholeCases(): readonly Case[] {
  const whole = kit('handshake');
  const announced = crypto.x25519Public(responderStatic);
  const ids = 'CON-1 CON-2 CON-3 CON-6 CON-7 CON-9 CON-18';
  return [
    whole.accept('unannounced', 'Frames after message 3: begin, then ping 1.', ids, {
      ...secrets,
      ...transcript().outputs,
    }),
    whole.accept('announced', 'The hint also covers the responder that was announced.', ids, {
      ...secrets,
      responderKey: hex(announced),
      ...transcript(announced).outputs,
    }),
  ];
}

function firstCases(): readonly Case[] {
  const message = kit('first-message');
  const { first } = transcript();
  const inputs = { psk: hex(psk), responderStatic: hex(responderStatic), seen: [] as string[] };
  const zero = transcript(undefined, { ...crypto, x25519Public: () => new Uint8Array(32) }).first;
  const one = transcript(undefined, { ...crypto, x25519Public: () => new Uint8Array(32).with(0, 1) }).first;
  const silent = 'CON-5';
  return [
    message.accept('plain', 'Answered.', 'CON-2 CON-4', { ...inputs, message: hex(first) }),
    message.accept('announced', 'The hint fits with the own key as r.', 'CON-3 CON-4', {
      ...inputs,
      message: hex(transcript(crypto.x25519Public(responderStatic)).first),
    }),
    message.refuse('hint-changed', 'bad-mac', 'No PSK fits.', silent, { ...inputs, message: hex(flipped(first, 0)) }),
    message.refuse('hint-for-another', 'bad-mac', 'Another device was announced.', silent, {
      ...inputs,
      message: hex(transcript(crypto.x25519Public(filled(0x55))).first),
    }),
    message.refuse('ephemeral-changed', 'bad-mac', 'The hint covers e.', silent, {
      ...inputs,
      message: hex(flipped(first, 40)),
    }),
    message.refuse('tag-changed', 'bad-mac', 'The hint fits, the tag does not.', silent, {
      ...inputs,
      message: hex(flipped(first, 79)),
    }),
    message.refuse('other-psk', 'bad-mac', 'Made with another PSK.', silent, {
      ...inputs,
      psk: hex(filled(0x71)),
      message: hex(first),
    }),
    message.refuse('repeated', 'protocol', 'e was in an earlier first message.', silent, {
      ...inputs,
      seen: [hex(first.subarray(32, 64))],
      message: hex(first),
    }),
    message.refuse('zero-key', 'bad-key', 'e is zero: every agreement with it gives zero.', silent, {
      ...inputs,
      message: hex(zero),
    }),
    message.refuse('small-order', 'bad-key', 'e is of small order.', silent, { ...inputs, message: hex(one) }),
  ];
}

function laterCases(): readonly Case[] {
  const second = kit('second-message');
  const third = kit('third-message');
  const good = transcript();
  const forSecond = {
    psk: secrets.psk,
    initiatorStatic: secrets.initiatorStatic,
    initiatorEphemeral: secrets.initiatorEphemeral,
  };
  const forThird = { ...secrets, first: hex(good.first) };
  const wrong = (at: number) => ({ ...forSecond, message: hex(flipped(good.second, at)) });
  const wrongThird = (at: number) => ({ ...forThird, message: hex(flipped(good.third, at)) });
  return [
    second.accept('plain', 'Taken.', 'CON-6', { ...forSecond, message: hex(good.second) }),
    second.refuse('ephemeral-changed', 'bad-mac', 'e is another key.', 'CON-8', wrong(0)),
    second.refuse('static-changed', 'bad-mac', 'The sealed key was changed.', 'CON-8', wrong(40)),
    second.refuse('tag-changed', 'bad-mac', 'The last tag was changed.', 'CON-8', wrong(95)),
    second.refuse('ephemeral-zero', 'bad-key', 'The agreement gives zero.', 'CON-8', {
      ...forSecond,
      message: hex(new Uint8Array(96)),
    }),
    third.accept('plain', 'Taken.', 'CON-6', { ...forThird, message: hex(good.third) }),
    third.refuse('static-changed', 'bad-mac', 'The sealed key was changed.', 'CON-8', wrongThird(0)),
    third.refuse('tag-changed', 'bad-mac', 'The last tag was changed.', 'CON-8', wrongThird(63)),
  ];
}

function proofCases(): readonly Case[] {
  const proof = kit('attach-proof');
  const [secret, hash] = [filled(0x01), filled(0x02)];
  return (
    [
      ['initiator', 0],
      ['initiator', 258],
      ['responder', 281_474_976_710_655],
    ] as const
  ).map(([role, received]) =>
    proof.accept(`${role}-${received}`, 'Secret, hash, role and count all go in.', 'CON-13', {
      sessionSecret: hex(secret),
      handshakeHash: hex(hash),
      role,
      received,
      proof: hex(attachProof(crypto, secret, hash, role, received)),
    }),
  );
}
