/**
 * A second, independent Noise on node:crypto alone, with the PSK at any places: checked against published vectors of
 * other patterns, so that it may judge the one pattern for which none are published.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
} from 'node:crypto';

const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex');

function privateKey(secret: Buffer) {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, secret]), format: 'der', type: 'pkcs8' });
}

export function publicOf(secret: Buffer): Buffer {
  return createPublicKey(privateKey(secret)).export({ format: 'der', type: 'spki' }).subarray(-32);
}

function dh(secret: Buffer, key: Buffer): Buffer {
  const publicKey = createPublicKey({ key: Buffer.concat([publicPrefix, key]), format: 'der', type: 'spki' });
  return diffieHellman({ privateKey: privateKey(secret), publicKey });
}

const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
const hmac = (key: Buffer, ...parts: Buffer[]): Buffer =>
  createHmac('sha256', key).update(Buffer.concat(parts)).digest();

function hkdf(chainingKey: Buffer, input: Buffer): [Buffer, Buffer, Buffer] {
  const temp = hmac(chainingKey, input);
  const first = hmac(temp, Buffer.of(1));
  const second = hmac(temp, first, Buffer.of(2));
  return [first, second, hmac(temp, second, Buffer.of(3))];
}

function nonce(count: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64LE(BigInt(count), 4);
  return bytes;
}

export function seal(key: Buffer, count: number, ad: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce(count), { authTagLength: 16 });
  cipher.setAAD(ad, { plaintextLength: plaintext.length });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer, count: number, ad: Buffer, sealed: Buffer): Buffer {
  const cipher = createDecipheriv('chacha20-poly1305', key, nonce(count), { authTagLength: 16 });
  cipher.setAAD(ad, { plaintextLength: sealed.length - 16 });
  cipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
}

export interface ReferenceOptions {
  readonly name: string;
  readonly initiator: boolean;
  readonly prologue: Buffer;
  readonly psks: readonly Buffer[];
  readonly staticSecret: Buffer;
  readonly ephemeralSecret: Buffer;
}

/** The tokens of XX with `psk` at the places that the protocol's name gives. */
function tokensOf(name: string): string[][] {
  const messages = [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']];
  for (const [, place] of name.matchAll(/psk(\d)/g)) {
    if (place === '0') messages[0]?.unshift('psk');
    else messages[Number(place) - 1]?.push('psk');
  }
  return messages;
}

export class ReferenceNoise {
  readonly #options: ReferenceOptions;
  readonly #messages: string[][];
  readonly #pskMode: boolean;
  readonly #psks: Buffer[];
  #h: Buffer;
  #ck: Buffer;
  #key: Buffer | undefined;
  #count = 0;
  #re: Buffer = Buffer.alloc(0);
  #rs: Buffer = Buffer.alloc(0);
  #step = 0;

  constructor(options: ReferenceOptions) {
    const name = Buffer.from(options.name);
    this.#options = options;
    this.#messages = tokensOf(options.name);
    this.#pskMode = options.psks.length > 0;
    this.#psks = [...options.psks];
    this.#h = name.length <= 32 ? Buffer.concat([name, Buffer.alloc(32 - name.length)]) : sha256(name);
    this.#ck = this.#h;
    this.#mixHash(options.prologue);
  }

  get handshakeHash(): Buffer {
    return this.#h;
  }

  write(payload: Buffer): Buffer {
    const { ephemeralSecret, staticSecret } = this.#options;
    const parts: Buffer[] = [];
    for (const token of this.#messages[this.#step++] ?? []) {
      if (token === 'e') parts.push(this.#mixE(publicOf(ephemeralSecret)));
      else if (token === 's') parts.push(this.#seal(publicOf(staticSecret)));
      else this.#mixToken(token);
    }
    parts.push(this.#seal(payload));
    return Buffer.concat(parts);
  }

  read(message: Buffer): Buffer {
    let rest = message;
    for (const token of this.#messages[this.#step++] ?? []) {
      if (token === 'e') {
        this.#re = this.#mixE(rest.subarray(0, 32));
        rest = rest.subarray(32);
      } else if (token === 's') {
        const size = this.#key === undefined ? 32 : 48;
        this.#rs = this.#open(rest.subarray(0, size));
        rest = rest.subarray(size);
      } else this.#mixToken(token);
    }
    return this.#open(rest);
  }

  split(): [Buffer, Buffer] {
    const [first, second] = hkdf(this.#ck, Buffer.alloc(0));
    return [first, second];
  }

  #mixHash(bytes: Buffer): void {
    this.#h = sha256(this.#h, bytes);
  }

  #mixKey(input: Buffer): void {
    [this.#ck, this.#key] = hkdf(this.#ck, input);
    this.#count = 0;
  }

  #mixE(key: Buffer): Buffer {
    this.#mixHash(key);
    if (this.#pskMode) this.#mixKey(key);
    return key;
  }

  #mixToken(token: string): void {
    const { initiator, staticSecret, ephemeralSecret } = this.#options;
    if (token === 'psk') {
      const [ck, hash, key] = hkdf(this.#ck, this.#psks.shift() as Buffer);
      this.#ck = ck;
      this.#mixHash(hash);
      this.#key = key;
      this.#count = 0;
    } else if (token === 'ee') this.#mixKey(dh(ephemeralSecret, this.#re));
    else if ((token === 'es') === initiator) this.#mixKey(dh(ephemeralSecret, this.#rs));
    else this.#mixKey(dh(staticSecret, this.#re));
  }

  #seal(plaintext: Buffer): Buffer {
    const sealed = this.#key === undefined ? plaintext : seal(this.#key, this.#count++, this.#h, plaintext);
    this.#mixHash(sealed);
    return sealed;
  }

  #open(sealed: Buffer): Buffer {
    const plaintext = this.#key === undefined ? sealed : open(this.#key, this.#count++, this.#h, sealed);
    this.#mixHash(sealed);
    return plaintext;
  }
}
