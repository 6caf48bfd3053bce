import { frameCases } from './channel/frames.js';
import { handshakeCases } from './channel/handshakes.js';
import { itemCases } from './channel/items.js';
import { pathFrameCases } from './channel/path-frames.js';
import type { Case } from './testkit.js';

/** The vectors of `spec/08`. */
export function cases(): readonly Case[] {
  return [...handshakeCases(), ...frameCases(), ...pathFrameCases(), ...itemCases()];
}
