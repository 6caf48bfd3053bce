import { acceptedCases } from './messages/accepted.js';
import { proofCases } from './messages/proofs.js';
import { refusedCases } from './messages/refused.js';
import type { Case } from './testkit.js';

/** The vectors of `spec/11`. */
export function cases(): readonly Case[] {
  return [...acceptedCases(), ...refusedCases(), ...proofCases()];
}
