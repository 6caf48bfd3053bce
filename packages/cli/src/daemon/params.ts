import type { Keep, Level } from '@cloudless/core';
import { Failure } from '../failure.js';
import type { Params } from '../rpc/server.js';

const levels: readonly string[] = ['admin', 'write', 'read', 'store'];

/** A parameter that must be there. Throws `usage`, as all of these. */
export function textOf(params: Params, name: string): string {
  const text = optionalText(params, name);
  if (text === undefined) throw new Failure('usage', `"${name}" is missing.`);
  return text;
}

export function optionalText(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Failure('usage', `"${name}" is a text.`);
  return value;
}

export function optionalNumber(params: Params, name: string): number | undefined {
  const value = params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(Math.trunc(value)) || value < 0) {
    throw new Failure('usage', `"${name}" is a number.`);
  }
  return Math.trunc(value);
}

export function levelOf(params: Params): Level {
  const level = optionalText(params, 'level') ?? 'write';
  if (!levels.includes(level)) throw new Failure('usage', `"${level}" is no level; there are ${levels.join(', ')}.`);
  return level as Level;
}

export function keepOf(params: Params): Keep {
  const keep = textOf(params, 'keep');
  if (keep !== 'this' && keep !== 'copy' && keep !== 'both') {
    throw new Failure('usage', `"keep" is this, copy or both, not "${keep}".`);
  }
  return keep;
}

export function textsOf(params: Params, name: string): readonly string[] {
  const values = params[name] ?? [];
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
    throw new Failure('usage', `"${name}" is a list of texts.`);
  }
  return values;
}

/** Byte strings in base64. */
export function itemsOf(params: Params): readonly Uint8Array[] {
  const { items } = params;
  if (!Array.isArray(items)) throw new Failure('usage', '"items" is a list of base64 texts.');
  return items.map((item: unknown) => {
    if (typeof item !== 'string') throw new Failure('usage', '"items" is a list of base64 texts.');
    return new Uint8Array(Buffer.from(item, 'base64'));
  });
}
