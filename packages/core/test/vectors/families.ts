import { readdirSync, readFileSync } from 'node:fs';
import { CloudlessError } from '../../src/errors.js';

/** One scenario as it stands in its file. */
export interface FamilyVector {
  readonly name: string;
  readonly operation: string;
  readonly expect: string;
  readonly [field: string]: unknown;
}

const root = new URL('../../../../test-vectors/', import.meta.url);

/** All vectors of a family; there must be some. */
export function readFamily(family: string): readonly FamilyVector[] {
  const folder = new URL(`${family}/`, root);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (names.length === 0) throw new Error(`no vectors of ${family}`);
  return names.map((name) => ({ name, ...JSON.parse(readFileSync(new URL(name, folder), 'utf8')) }));
}

interface Outcome<T> {
  readonly kind: string;
  readonly value?: T;
  readonly error?: CloudlessError;
}

/** What `act` ends in: its value, or the refusal. Other errors are thrown on. */
export function outcomeOf<T>(act: () => T): Outcome<T> {
  try {
    return { kind: 'ok', value: act() };
  } catch (error) {
    if (error instanceof CloudlessError) return { kind: error.code, error };
    throw error;
  }
}
