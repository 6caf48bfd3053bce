/** `cloudless:` links: an invitation with what helps to reach who made it (`spec/02 §4`). */

import { concat, equalBytes, uint32Bytes } from '../bytes.js';
import {
  type Codec,
  decode,
  encode,
  fixed,
  list,
  mapped,
  optional,
  text,
  union,
  variantNumber,
} from '../codec/index.js';
import { CloudlessError, check } from '../errors.js';
import { addressBytesMax, codeSecretBytes, linkAddressesMax, linkBytesMax } from '../limits.js';
import { fromBase64url, toBase64url } from './base64url.js';
import { crc32 } from './crc32.js';
import { type DeviceId, deviceIdCodec, type FolderId, folderIdCodec } from './ids.js';

/** A single-use code. */
export interface CodeInvitation {
  readonly type: 'code';
  /** 16 bytes. */
  readonly secret: Uint8Array;
  /** The only device that honours the code; known from a link only. */
  readonly maker?: DeviceId;
  /** Where the maker was, `host:port`; the first is the best. */
  readonly addresses: readonly string[];
}

/** A reusable access secret: what its offer in the folder's log allows. */
export interface AccessInvitation {
  readonly type: 'access';
  readonly folder: FolderId;
  /** Ed25519 seed, 32 bytes, of the key that the offer names. */
  readonly seed: Uint8Array;
  readonly maker?: DeviceId;
  readonly addresses: readonly string[];
}

export type Invitation = CodeInvitation | AccessInvitation;

const scheme = 'cloudless:';
const linkVersion = 1;
const checkBytes = 4;
const seedBytes = 32;
const variantMax = 1;
const portMax = 65_535;

const addressCodec: Codec<string> = mapped(text(addressBytesMax), checkAddress, checkAddress);

const invitationCodec: Codec<Invitation> = union(
  'type',
  {
    code: [
      0,
      {
        secret: [1, fixed(codeSecretBytes)],
        maker: [2, optional(deviceIdCodec)],
        addresses: [3, list(addressCodec, linkAddressesMax)],
      },
    ],
    access: [
      1,
      {
        folder: [1, folderIdCodec],
        seed: [2, fixed(seedBytes)],
        maker: [3, optional(deviceIdCodec)],
        addresses: [4, list(addressCodec, linkAddressesMax)],
      },
    ],
  },
  'skip',
);

export function isLink(link: string): boolean {
  return link.trimStart().slice(0, scheme.length).toLowerCase() === scheme;
}

/** Throws `over-limit` where the addresses do not fit into `linkBytesMax`, `malformed` for one that is none. */
export function formatLink(invitation: Invitation): string {
  const payload = concat(Uint8Array.of(linkVersion), encode(invitationCodec, invitation));
  const link = scheme + toBase64url(concat(payload, uint32Bytes(crc32(payload))));
  check(link.length <= linkBytesMax, 'over-limit', `The link would be longer than ${linkBytesMax} characters.`);
  return link;
}

/**
 * What a link says. Throws `over-limit` for one longer than any is, `code-mistyped` where a character is wrong or
 * missing, `unknown-version` for one of a later program, and what decoding throws for one that was made wrong.
 */
export function parseLink(link: string): Invitation {
  const written = link.trim();
  check(isLink(written), 'code-mistyped', `A link begins with "${scheme}".`);
  check(written.length <= linkBytesMax, 'over-limit', `The link is longer than ${linkBytesMax} characters.`);
  const bytes = fromBase64url(written.slice(scheme.length));
  if (bytes === undefined || bytes.length <= checkBytes) throw damaged();
  const payload = bytes.subarray(0, bytes.length - checkBytes);
  if (!equalBytes(uint32Bytes(crc32(payload)), bytes.subarray(payload.length))) throw damaged();
  const fields = payload.subarray(1);
  check(payload[0] === linkVersion, 'unknown-version', laterProgram);
  check(variantNumber(fields) <= variantMax, 'unknown-version', laterProgram);
  return decode(invitationCodec, fields, linkBytesMax);
}

/**
 * `host:port` with an IPv4 address, an IPv6 address in brackets or a name, in lower case; the port without leading
 * zeros. Throws `malformed`.
 */
export function checkAddress(address: string): string {
  const match = /^(?:\[[0-9a-f:.]{2,45}\]|[0-9a-z](?:[0-9a-z._-]{0,251}[0-9a-z])?):([1-9][0-9]{0,4})$/u.exec(address);
  const isRight = match !== null && Number(match[1]) <= portMax;
  check(isRight, 'malformed', `${JSON.stringify(address)} is not an address of the form host:port.`);
  return address;
}

const laterProgram = 'This link was made by a later version of Cloudless. Update this one.';

function damaged(): CloudlessError {
  return new CloudlessError('code-mistyped', 'The link is damaged or cut off. Copy it again, whole.');
}
