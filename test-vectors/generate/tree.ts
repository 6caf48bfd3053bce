import type { Case } from './testkit.js';
import { fingerprintCases } from './tree/fingerprints.js';
import { nameCases } from './tree/names.js';
import { reachCases } from './tree/reaches.js';
import { recordCases } from './tree/records.js';
import { stateCases } from './tree/states.js';

/** The vectors of `spec/07`. */
export function cases(): readonly Case[] {
  return [...recordCases(), ...stateCases(), ...nameCases(), ...fingerprintCases(), ...reachCases()];
}
