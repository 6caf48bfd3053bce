export { type Codec, decode, encode } from './codec.js';
export { type Fields, type Optional, optional, type StructValue, type Unknown } from './fields.js';
export { list, tuple } from './lists.js';
export { depthMax, mapKeyMax, type Reader } from './reader.js';
export { bool, bytes, bytesHead, bytesView, fixed, int, text, u8, u16, u32, u64, uint, upTo } from './scalars.js';
export { choice, exactly, mapped, raw } from './special.js';
export { struct } from './struct.js';
export { type UnionValue, union, type Variants, variantNumber } from './union.js';
export type { Writer } from './writer.js';
