import type { Case } from './primitives/case.js';
import { constructionCases } from './primitives/constructions.js';
import { ed25519Cases } from './primitives/ed25519.js';
import { symmetricCases } from './primitives/symmetric.js';
import { x25519Cases } from './primitives/x25519.js';

/** The vectors of `spec/01`. */
export function cases(): readonly Case[] {
  return [...ed25519Cases(), ...x25519Cases(), ...symmetricCases(), ...constructionCases()];
}
