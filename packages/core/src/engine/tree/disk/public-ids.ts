import type { ContentRef } from '../../../content/index.js';
import { entryPublicChunkIdsMax } from '../../../limits.js';
import type { ChunkId, ContentId } from '../../../model/index.js';
import type { LocalPut } from '../../../tree/index.js';
import type { TreeCore } from '../core.js';

const pathsLookedAt = 64;

/**
 * Ids of nodes and chunks that nobody named yet as far as is known here: not those of content that the folder has at
 * some path, nor those of the content that this replaces (`spec/06 §8`).
 */
export function newIdsOf(core: TreeCore, { base }: LocalPut, ref: ContentRef): readonly ChunkId[] {
  if ((ref.kind !== 'chunks' && ref.kind !== 'tree') || isInFolder(core, ref.id)) return [];
  const ids = idsOf(core, ref);
  const replaced = base?.content === undefined ? undefined : core.contents.ref(base.content);
  if (replaced !== undefined) for (const id of idsOf(core, replaced)) ids.delete(id);
  return [...ids];
}

/** Each once, and as many as an entry may name: of longer lists the first, which are nodes before chunks. */
export function publicIds(ids: readonly ChunkId[]): readonly ChunkId[] {
  return [...new Set(ids)].slice(0, entryPublicChunkIdsMax);
}

function idsOf(core: TreeCore, ref: ContentRef): Set<ChunkId> {
  const { chunks, nodes } = core.contents.list(ref);
  return new Set([...nodes, ...chunks.map(({ id }) => id)]);
}

/** Whether what is both on disk and in the folder has this content at some path. */
function isInFolder({ tables }: TreeCore, content: ContentId): boolean {
  return tables.linked('held', content, pathsLookedAt).some((path) => tables.base(path)?.content === content);
}
