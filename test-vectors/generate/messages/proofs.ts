import { type Crypto, nobleCrypto } from '@cloudless/core/crypto';
import { type Case, flipped, hex, kit, textHex, unhex } from '../testkit.js';
import { id } from './accepted.js';
import { pack } from './pack.js';

const crypto: Crypto = nobleCrypto();
const folder = id(0xf0).bytes;
const otherFolder = id(0xf1).bytes;
const seed = id(0x5e).bytes;
const otherSeed = id(0x5f).bytes;
const device = crypto.ed25519Public(seed);
const connection = id(0x77).bytes;
const otherConnection = id(0x78).bytes;
const admit = id(0xad).bytes;
const dialler = unhex('00');
const answerer = unhex('01');

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return unhex(parts.map(hex).join(''));
}

function prefix(purpose: string): Uint8Array {
  return unhex(textHex(`cloudless/1 ${purpose}\0`));
}

function signed(purpose: string, by: Uint8Array, ...parts: readonly Uint8Array[]): string {
  return hex(crypto.ed25519Sign(by, joined(prefix(purpose), ...parts)));
}

function macs(): readonly Case[] {
  const { accept } = kit('folder-mac');
  const make = (name: string, handshakeHash: Uint8Array, initiator: boolean, id32: Uint8Array): Case => {
    const key = crypto.hkdf(id32, new Uint8Array(), prefix('folder'), 32);
    const mac = crypto.blake3Keyed(key, joined(prefix('folder'), handshakeHash, initiator ? dialler : answerer));
    const fields = { folder: hex(id32), handshakeHash: hex(handshakeHash), initiator, mac: hex(mac.slice(0, 16)) };
    return accept(name, 'Each side, connection and folder has a MAC of its own.', 'SYN-7', fields);
  };
  return [
    make('initiator', connection, true, folder),
    make('responder', connection, false, folder),
    make('other-connection', otherConnection, true, folder),
    make('other-folder', connection, true, otherFolder),
  ];
}

function proofs(): readonly Case[] {
  const { accept, refuse } = kit('prove');
  const fields = { folder: hex(folder), device: hex(device), handshakeHash: hex(connection), initiator: true };
  const right = signed('prove', seed, connection, dialler, folder, device);
  const wrong = (name: string, comment: string, signature: string): Case =>
    refuse(name, 'bad-signature', comment, 'SYN-9 SYN-11', { ...fields, signature });
  const answer = signed('prove', seed, connection, answerer, folder, device);
  return [
    accept('initiator', 'By the side that dialled.', 'SYN-9', { ...fields, signature: right }),
    accept('responder', 'By the other side.', 'SYN-9', { ...fields, initiator: false, signature: answer }),
    wrong('other-side', "One's own proof cannot be sent back.", answer),
    wrong('other-connection', 'Replayed.', signed('prove', seed, otherConnection, dialler, folder, device)),
    wrong('other-folder', 'Made for another folder.', signed('prove', seed, connection, dialler, otherFolder, device)),
    wrong('other-key', 'By another device.', signed('prove', otherSeed, connection, dialler, folder, device)),
    wrong('no-device', 'The device is signed too.', signed('prove', seed, connection, dialler, folder)),
    wrong('other-purpose', 'A signature of an entry.', signed('entry', seed, connection, dialler, folder, device)),
    wrong('changed', 'One bit of it.', hex(flipped(unhex(right), 40))),
  ];
}

const keys = {
  0: device,
  1: crypto.x25519Public(id(0x61).bytes),
  2: crypto.ed25519Public(id(0x62).bytes),
  3: crypto.x25519Public(id(0x63).bytes),
};

function joins(): readonly Case[] {
  const { accept, refuse } = kit('join');
  const packed = unhex(pack(keys));
  const fields = { handshakeHash: hex(connection), keys: hex(packed) };
  const otherKeys = unhex(pack({ ...keys, 3: keys[1] }));
  const wrong = (name: string, comment: string, proof: string): Case =>
    refuse(name, 'bad-signature', comment, 'SYN-30 SYN-31', { ...fields, proof });
  return [
    accept('proof', 'By the new device key.', 'SYN-30', { ...fields, proof: signed('join', seed, connection, packed) }),
    wrong('other-connection', 'Replayed.', signed('join', seed, otherConnection, packed)),
    wrong('other-keys', 'Made for other keys.', signed('join', seed, connection, otherKeys)),
    wrong('other-signer', 'By another device.', signed('join', otherSeed, connection, packed)),
    wrong('other-purpose', 'A proof of a folder.', signed('prove', seed, connection, packed)),
  ];
}

function admissions(): readonly Case[] {
  const { accept, refuse } = kit('admitted');
  const fields = { handshakeHash: hex(connection), folder: hex(folder), device: hex(device), admit: hex(admit) };
  const wrong = (name: string, comment: string, signature: string): Case =>
    refuse(name, 'bad-signature', comment, 'SYN-34 SYN-35', { ...fields, signature });
  const right = signed('admitted', seed, connection, folder, device, admit);
  return [
    accept('signature', 'By the device that made the code.', 'SYN-34', { ...fields, signature: right }),
    wrong('other-connection', 'Replayed.', signed('admitted', seed, otherConnection, folder, device, admit)),
    wrong('other-folder', 'For another folder.', signed('admitted', seed, connection, otherFolder, device, admit)),
    wrong('other-admit', 'For another admit.', signed('admitted', seed, connection, folder, device, folder)),
    wrong('other-signer', 'By another device.', signed('admitted', otherSeed, connection, folder, device, admit)),
  ];
}

function digests(): readonly Case[] {
  const { accept } = kit('digest');
  const row = (log: number, seq: number): Uint8Array =>
    joined(device, new Uint8Array([log]), unhex(seq.toString(16).padStart(16, '0')), admit);
  const digest = (...rows: readonly Uint8Array[]): string => hex(crypto.blake3(joined(prefix('heads'), ...rows)));
  const head = (log: string, seq: number): object => ({ device: hex(device), log, seq, hash: hex(admit) });
  const comment = 'Over the heads in the order of device and log, whatever the order they come in.';
  return [
    accept('none', 'Nothing is known yet.', 'SYN-15', { heads: [], digest: digest() }),
    accept('one', comment, 'SYN-15', { heads: [head('membership', 7)], digest: digest(row(0, 7)) }),
    accept('two', comment, 'SYN-15', {
      heads: [head('content', 70_000), head('membership', 7)],
      digest: digest(row(0, 7), row(1, 70_000)),
    }),
  ];
}

/** What is signed and authenticated for one connection, and the digest over heads. */
export function proofCases(): readonly Case[] {
  return [...macs(), ...proofs(), ...joins(), ...admissions(), ...digests()];
}
