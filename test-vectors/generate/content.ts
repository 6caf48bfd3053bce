import { bitmapCases } from './content/bitmaps.js';
import { chunkCases } from './content/chunks.js';
import { cutCases } from './content/cuts.js';
import { idCases } from './content/ids.js';
import { listCases } from './content/lists.js';
import { nodeCases } from './content/nodes.js';
import { refCases } from './content/refs.js';
import type { Case } from './primitives/case.js';

/** The vectors of `spec/06`. */
export function cases(): readonly Case[] {
  return [
    ...cutCases(),
    ...chunkCases(),
    ...idCases(),
    ...refCases(),
    ...nodeCases(),
    ...listCases(),
    ...bitmapCases(),
  ];
}
