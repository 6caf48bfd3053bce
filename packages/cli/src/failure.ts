/** What a command fails with on this side of the socket: a code as the library's errors have, without loading it. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: string;
  /** Facts for programs. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** The code of an error of ours; `internal` for any other. */
export function codeOf(error: unknown): string {
  const ours = error instanceof Error && (error.name === 'Failure' || error.name === 'CloudlessError');
  return ours && 'code' in error ? String(error.code) : 'internal';
}

/** Facts that an error of ours carries. */
export function detailsOf(error: unknown): Readonly<Record<string, unknown>> {
  const known = codeOf(error) !== 'internal' && error instanceof Error && 'details' in error;
  return known ? (error.details as Readonly<Record<string, unknown>>) : {};
}
