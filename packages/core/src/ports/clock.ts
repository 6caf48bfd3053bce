/** Time, chance and words for whoever operates the program: what the engine must be given from outside. */

export interface Clock {
  /** Wall clock, Unix milliseconds. */
  nowMs(): number;
  /** Calls once after `delayMs`; returns what cancels it. */
  after(delayMs: number, call: () => void): () => void;
}

export interface Random {
  /** Bytes from a cryptographically strong source. */
  bytes(length: number): Uint8Array;
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Where diagnostics go; silent by default. Never receives secrets or content. */
export interface Logger {
  log(level: LogLevel, message: string, details?: Readonly<Record<string, unknown>>): void;
}

export const silentLogger: Logger = { log: () => undefined };
