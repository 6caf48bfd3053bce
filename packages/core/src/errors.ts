/**
 * The one error class of the project and its closed list of codes.
 *
 * `message` is written for the person who reads it: what is wrong and, where there is something to do, what to do.
 */

/** Kinds of refusal that an implementation must agree on; test vectors name these (`spec/00 §6`). */
export type RefusalCode =
  /** Bytes that are not a value of the expected shape: truncated, trailing bytes, wrong type. */
  | 'malformed'
  /** A value that would not re-encode to the same bytes. */
  | 'non-canonical'
  /** A length, count or depth past the protocol's limit. */
  | 'over-limit'
  /** A format or protocol version that this implementation does not know. */
  | 'unknown-version'
  /** A key that is not canonical, not of prime order, or all zero after agreement. */
  | 'bad-key'
  /** A signature that does not verify. */
  | 'bad-signature'
  /** Authenticated decryption, a commitment or a MAC that does not verify. */
  | 'bad-mac'
  /** Content that does not have the hash it is named by. */
  | 'bad-hash'
  /** An entry whose `prev` or `seq` does not continue its log. */
  | 'bad-chain'
  /** An entry or proof made for another folder. */
  | 'wrong-folder'
  /** A second, different header at a place of a log that is taken. */
  | 'fork'
  /** A path that is not allowed on the wire. */
  | 'bad-path'
  /** A record that its author's rank does not allow. */
  | 'not-allowed'
  /** A frame or message out of order, repeated, or not expected in this state. */
  | 'protocol'
  /** A code with a wrong character, group or word. */
  | 'code-mistyped'
  /** A code past its time. */
  | 'code-expired'
  /** A single-use code that has been used. */
  | 'code-used'
  /** A code that its maker took back. */
  | 'code-revoked'
  /** A code that this device never made. */
  | 'code-unknown';

/** Everything else that can go wrong on this machine. */
export type TroubleCode =
  | 'usage'
  | 'not-found'
  | 'exists'
  | 'nested-folder'
  | 'unreachable'
  | 'timeout'
  | 'closed'
  | 'busy'
  | 'needs-person'
  | 'disk-full'
  | 'io'
  | 'changed'
  | 'unsafe-path'
  | 'not-supported'
  | 'internal';

export type ErrorCode = RefusalCode | TroubleCode;

export class CloudlessError extends Error {
  override readonly name = 'CloudlessError';
  readonly code: ErrorCode;
  /** Facts for programs (ids, numbers); never secrets. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Throws the given refusal unless `condition` holds. */
export function check(condition: boolean, code: ErrorCode, message: string): asserts condition {
  if (!condition) throw new CloudlessError(code, message);
}

/** For states that the code itself must never reach; a bug if it throws. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CloudlessError('internal', `This should not happen, please report it: ${message}`);
}

/** The code of any thrown value; what is not ours is `internal`. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof CloudlessError ? error.code : 'internal';
}
