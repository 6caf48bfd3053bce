import type { Input } from '../engine/index.js';

const linesKept = 400;

/** What happened, a line each: a running hash over all, and the last lines for whoever looks for a fault. */
export class Trace {
  readonly #last: string[] = [];
  #high = 0x9e3779b9;
  #low = 0x7f4a7c15;
  #lines = 0;

  /** Lines so far. */
  get lines(): number {
    return this.#lines;
  }

  add(line: string): void {
    this.#lines += 1;
    for (let i = 0; i < line.length; i++) {
      const unit = line.charCodeAt(i);
      this.#low = Math.imul(this.#low ^ unit, 0x01000193) >>> 0;
      this.#high = Math.imul(this.#high ^ (unit + (this.#low >>> 16)), 0x85ebca6b) >>> 0;
    }
    this.#last.push(line);
    if (this.#last.length > 2 * linesKept) this.#last.splice(0, linesKept);
  }

  /** Sixteen hex digits that are equal for equal traces. */
  digest(): string {
    return [this.#high, this.#low].map((part) => part.toString(16).padStart(8, '0')).join('');
  }

  tail(lines = linesKept): readonly string[] {
    return this.#last.slice(-lines);
  }
}

/** An input in a word or two. */
export function describeInput(input: Input): string {
  switch (input.type) {
    case 'message':
      return `message:${input.lane}:${input.bytes.length}`;
    case 'task-done':
      return `done:${input.result.task}`;
    case 'fetched':
      return `fetched:${input.outcome.outcome}`;
    case 'command':
      return `command:${input.command.command}`;
    default:
      return input.type;
  }
}
