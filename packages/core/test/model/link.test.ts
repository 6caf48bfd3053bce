import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linkAddressesMax, linkBytesMax } from '../../src/limits.js';
import { fromBase64url, toBase64url } from '../../src/model/base64url.js';
import { parseCode } from '../../src/model/code.js';
import { crc32 } from '../../src/model/crc32.js';
import { toDeviceId, toFolderId } from '../../src/model/ids.js';
import { checkAddress, formatLink, type Invitation, parseLink } from '../../src/model/link.js';
import { refusalOf } from './refused.js';

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
const addresses = fc.array(
  fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 })).map(([host, port]) => `${host}:${port}`),
    fc.constantFrom('[2001:db8::1]:9', '[::ffff:192.0.2.1]:65535', 'home.example.org:443', 'laptop:1'),
  ),
  { maxLength: linkAddressesMax },
);
const invitations: fc.Arbitrary<Invitation> = fc.oneof(
  fc.record(
    {
      type: fc.constant('code' as const),
      secret: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      maker: keys.map(toDeviceId),
      addresses,
    },
    { requiredKeys: ['type', 'secret', 'addresses'] },
  ),
  fc.record(
    {
      type: fc.constant('access' as const),
      folder: keys.map(toFolderId),
      seed: keys,
      maker: keys.map(toDeviceId),
      addresses,
    },
    { requiredKeys: ['type', 'folder', 'seed', 'addresses'] },
  ),
);
const example: Invitation = {
  type: 'code',
  secret: Uint8Array.from({ length: 16 }, (_, index) => index),
  maker: toDeviceId(new Uint8Array(32).fill(0xd1)),
  addresses: ['192.0.2.7:4242'],
};

describe('links', () => {
  test('come back as they were, with space around and the scheme in any case', () => {
    fc.assert(
      fc.property(invitations, (invitation) => {
        const link = formatLink(invitation);
        expect(link).toMatch(/^cloudless:[A-Za-z0-9_-]+$/);
        expect(parseLink(link)).toEqual(invitation);
        expect(parseCode(`\n ${link.replace('cloudless:', 'Cloudless:')} `)).toEqual({ form: 'link', invitation });
      }),
    );
  });

  test('[COD-9] any one wrong, missing or added character is found', () => {
    const link = formatLink(example);
    for (let at = 'cloudless:'.length; at < link.length; at++) {
      for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= ') {
        const typed = link.slice(0, at) + character + link.slice(at + 1);
        if (typed === link) continue;
        expect(refusalOf(() => parseLink(typed)).code).toBe('code-mistyped');
      }
      expect(refusalOf(() => parseLink(link.slice(0, at) + link.slice(at + 1))).code).toBe('code-mistyped');
      expect(refusalOf(() => parseLink(link.slice(0, at))).code).toBe('code-mistyped');
    }
  });

  test('[COD-10] one that would be too long is not made', () => {
    const long = `${'a'.repeat(240)}.example:1`;
    const error = refusalOf(() => formatLink({ ...example, addresses: Array(8).fill(long) }));
    expect(error.code).toBe('over-limit');
    expect(formatLink({ ...example, addresses: Array(5).fill(long) }).length).toBeLessThanOrEqual(linkBytesMax);
    expect(refusalOf(() => parseLink(`cloudless:${'A'.repeat(linkBytesMax)}`)).code).toBe('over-limit');
  });

  test('[COD-11] too many addresses are not written', () => {
    expect(refusalOf(() => formatLink({ ...example, addresses: Array(9).fill('a:1') })).code).toBe('over-limit');
  });

  test('arbitrary text is refused, never anything else', () => {
    const codes = ['code-mistyped', 'over-limit'];
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(codes).toContain(refusalOf(() => parseLink(`cloudless:${text}`)).code);
        expect(codes).toContain(refusalOf(() => parseLink(text)).code);
      }),
    );
  });
});

describe('addresses', () => {
  test.each(['192.0.2.1:1', '[::1]:65535', 'host:80', 'a-b.c_d:8080', '0.example:5'])('%j is one', (address) => {
    expect(checkAddress(address)).toBe(address);
  });

  test.each([
    '',
    ':1',
    'host',
    'host:',
    'host:0',
    'host:01',
    'host:65536',
    'HOST:1',
    '-a:1',
    'a-:1',
    'a b:1',
    '::1:80',
    '[::1]',
    '[fe80::1%eth0]:1',
    'a:1\n',
    '[g]:1',
    'user@host:1',
    'host:1/x',
    'é:1',
  ])('[COD-11] %j is none', (address) => {
    expect(refusalOf(() => checkAddress(address)).code).toBe('malformed');
  });
});

describe('the parts of a link', () => {
  test('base64url is what others make of it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url');
        expect(toBase64url(bytes)).toBe(text);
        expect(fromBase64url(text)).toEqual(bytes);
      }),
    );
  });

  test.each(['A', 'AAAAA', 'AB', 'AAB', 'AA==', 'A A', 'AA+A', 'é'])('%j is not base64url', (text) => {
    expect(fromBase64url(text)).toBeUndefined();
  });

  test('the check sum is that of zlib', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array())).toBe(0);
  });
});
