import { listCases } from './codec/lists.js';
import { mapCases } from './codec/maps.js';
import { numberCases } from './codec/numbers.js';
import { stringCases } from './codec/strings.js';
import type { Case } from './testkit.js';

/** The vectors of `spec/00 §1`. */
export function cases(): readonly Case[] {
  return [...numberCases(), ...stringCases(), ...listCases(), ...mapCases()];
}
