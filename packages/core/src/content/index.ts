/** Content: how files are cut, sealed and named (`spec/06`). */
export { bitmapCodec, ChunkBitmap } from './bitmap.js';
export {
  badHash,
  checkCiphertext,
  chunkIdOf,
  chunkKey,
  encryptChunk,
  type Fault,
  faultOf,
  openChunk,
  type SealedChunk,
  sealChunk,
} from './chunk.js';
export {
  type ContentKeys,
  checkConstants,
  constantsCommitment,
  type FolderConstants,
  folderConstantsCodec,
  newFolderConstants,
} from './constants.js';
export {
  type BuildEvents,
  type BuildKeys,
  type BuiltContent,
  buildContent,
  ContentBuilder,
} from './content-builder.js';
export {
  ContentIdHasher,
  checkContentId,
  chunksContentId,
  inlineContentId,
  shortRef,
  symlinkContentId,
  symlinkRef,
} from './content-id.js';
export { Cutter, cutLengths } from './fastcdc.js';
export { gearTable } from './gear.js';
export { buildList, ListBuilder } from './list-builder.js';
export { listKey, type NodeContent, openNode, type SealedNode, sealChunkNode, sealInnerNode } from './list-node.js';
export { ListReader } from './list-reader.js';
export {
  type ChunkRef,
  type ChunksRef,
  type ContentRef,
  checkChunks,
  checkNodes,
  chunkRefCodec,
  contentRefCodec,
  type EmptyRef,
  type InlineRef,
  type ListTotals,
  type NodeRef,
  nodeRefCodec,
  type PlacedRef,
  type SymlinkRef,
  type TreeRef,
} from './ref.js';
