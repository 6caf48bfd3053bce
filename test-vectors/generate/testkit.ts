/** What the generators of vectors share. */
import type { Case } from './primitives/case.js';

export { type Case, flipped, hex, textHex, unhex } from './primitives/case.js';

type Fields = Readonly<Record<string, unknown>>;

/** The verbs of one operation: each makes a case of it. */
export interface Kit {
  /** To be accepted, with the outputs among `fields`. */
  accept(name: string, comment: string, requirements: string, fields: Fields): Case;
  /** To be refused with exactly this kind. */
  refuse(name: string, kind: string, comment: string, requirements: string, fields: Fields): Case;
}

/** `requirements` are ids with spaces between. */
export function kit(operation: string): Kit {
  const make = (name: string, expect: string, comment: string, requirements: string, fields: Fields): Case => ({
    name: `${operation}-${name}`,
    vector: { comment, requirements: requirements.split(' '), expect, operation, ...fields },
  });
  return {
    accept: (name, comment, requirements, fields) => make(name, 'ok', comment, requirements, fields),
    refuse: (name, kind, comment, requirements, fields) => make(name, kind, comment, requirements, fields),
  };
}
