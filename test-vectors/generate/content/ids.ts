import { encode } from '@cloudless/core/codec';
import { buildContent, type ContentRef, contentRefCodec, gearTable, symlinkRef } from '@cloudless/core/content';
import { type ContentId, toContentId } from '@cloudless/core/model';
import { type Case, flipped, hex, unhex } from '../primitives/case.js';
import { chunksByRule, convergenceKey, crypto, gearKey, keystream, otherKey } from './material.js';

const keys = { gear: gearTable(crypto, gearKey), convergence: convergenceKey };

const contents: readonly { readonly name: string; readonly comment: string; readonly ref: ContentRef }[] = [
  { name: 'empty', comment: 'a file of no bytes', ref: buildContent(crypto, keys, new Uint8Array(0)).ref },
  {
    name: 'inline',
    comment: 'a file of 5 bytes',
    ref: buildContent(crypto, keys, new TextEncoder().encode('hello')).ref,
  },
  {
    name: 'inline-longest',
    comment: 'a file of 1,024 bytes',
    ref: buildContent(crypto, keys, keystream(4, 1_024)).ref,
  },
  {
    name: 'symlink',
    comment: 'a link to what the inline file holds',
    ref: symlinkRef(crypto, convergenceKey, 'hello'),
  },
  { name: 'one-chunk', comment: 'a file of 1,025 bytes', ref: buildContent(crypto, keys, keystream(4, 1_025)).ref },
  { name: 'chunks', comment: 'a file of several chunks', ref: buildContent(crypto, keys, keystream(4, 1_000_000)).ref },
];

function idCase(
  name: string,
  comment: string,
  expect: string,
  ref: ContentRef,
  convergence: Uint8Array = convergenceKey,
): Case {
  const named = {
    convergence: hex(convergence),
    encoded: hex(encode(contentRefCodec, ref)),
    id: ref.id,
    kind: ref.kind,
  };
  const requirements = expect === 'ok' ? ['CNT-11', 'CNT-12', 'CNT-14'] : ['CNT-13'];
  const vector = {
    comment,
    requirements,
    expect,
    ...(expect === 'ok' ? {} : { fault: 'author' }),
    operation: 'content-id',
    ...named,
  };
  return { name: `id-${name}`, vector };
}

function wrongId(id: ContentId): ContentId {
  return toContentId(flipped(unhex(id), 0));
}

export function idCases(): readonly Case[] {
  const valid = contents.map(({ name, comment, ref }) => idCase(name, comment, 'ok', ref));
  const wrong = contents.map(({ name, comment, ref }) =>
    idCase(`${name}-wrong`, `${comment}, under an id that is not its own`, 'bad-hash', { ...ref, id: wrongId(ref.id) }),
  );
  const inline = contents[1]?.ref as ContentRef;
  const link = contents[3]?.ref as ContentRef;
  const chunks = chunksByRule(3);
  const listed = { kind: 'chunks', id: inline.id, size: 0, chunks } as const;
  return [
    ...valid,
    ...wrong,
    idCase('inline-as-symlink', 'a file under the id of a link with the same bytes', 'bad-hash', {
      ...inline,
      id: link.id,
    }),
    idCase('inline-other-folder', 'a file named in another folder', 'bad-hash', inline, otherKey),
    idCase('chunks-as-inline', 'chunks under the id of a short file', 'bad-hash', listed),
  ];
}
