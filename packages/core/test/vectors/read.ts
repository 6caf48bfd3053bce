/** Reads vectors from their files. */
import { readdirSync, readFileSync } from 'node:fs';
import { fromHex } from '../../src/bytes.js';

export type Vector = Readonly<Record<string, unknown>> & { readonly operation: string; readonly expect: string };

/** The vectors of a family, by name. */
export function vectors(family: string): readonly { readonly name: string; readonly vector: Vector }[] {
  const folder = new URL(`../../../../test-vectors/${family}/`, import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => ({
    name: name.slice(0, -'.json'.length),
    vector: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector,
  }));
}

export function bytes(text: unknown): Uint8Array {
  const value = typeof text === 'string' ? fromHex(text) : undefined;
  if (value === undefined) throw new Error('a field of the vector is not hex');
  return value;
}
