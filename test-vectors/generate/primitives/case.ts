/** One vector before it is written: `name` becomes the file's name. */
export interface Case {
  readonly name: string;
  readonly vector: Vector;
}

/** What every vector says, and the hex inputs and outputs of its operation. */
export interface Vector {
  readonly comment: string;
  readonly requirements: readonly string[];
  readonly expect: string;
  readonly operation: string;
  readonly [field: string]: unknown;
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** The hex of a text in UTF-8. */
export function textHex(text: string): string {
  return Buffer.from(text).toString('hex');
}

/** `bytes` with the lowest bit of one byte turned over; a negative index counts from the end. */
export function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const at = index < 0 ? bytes.length + index : index;
  return bytes.with(at, (bytes[at] as number) ^ 1);
}
