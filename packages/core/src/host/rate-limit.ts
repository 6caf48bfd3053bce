import type { Clock } from '../ports/index.js';

/** What may go at once after a while of nothing. */
const burstMs = 250;

/** Lets bytes through at a rate, in the order in which they came; without a rate at once. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];
  /** Bytes a second. */
  #rate: number | undefined;
  /** Bytes that may go at `#sinceMs`; less than none after something large. */
  #tokens = 0;
  #sinceMs = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on so many bytes a second; absent: any number. */
  limit(bytesPerSecond: number | undefined): void {
    this.#refill();
    this.#rate = bytesPerSecond;
    this.#tokens = Math.min(0, this.#tokens);
    this.#run();
  }

  /** Calls once the bytes may go. A size larger than the rate goes when there is any room, and is paid for after. */
  take(bytes: number, go: () => void): void {
    if (this.#rate === undefined && this.#waiting.length === 0) return go();
    this.#waiting.push({ bytes, go });
    this.#run();
  }

  /** Nothing that waits goes any more. */
  close(): void {
    this.#waiting.length = 0;
    this.#stop();
  }

  #run(): void {
    this.#stop();
    this.#refill();
    while (this.#waiting.length > 0 && (this.#rate === undefined || this.#tokens >= 0)) {
      const next = this.#waiting.shift();
      this.#tokens -= next?.bytes ?? 0;
      next?.go();
    }
    // What went may have come back for more.
    this.#stop();
    if (this.#waiting.length === 0 || this.#rate === undefined) return;
    const delayMs = Math.max(1, Math.ceil((-this.#tokens * 1_000) / this.#rate));
    this.#cancel = this.#clock.after(delayMs, () => this.#run());
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #refill(): void {
    const now = this.#clock.nowMs();
    const passedMs = Math.max(0, now - this.#sinceMs);
    this.#sinceMs = now;
    if (this.#rate === undefined) this.#tokens = 0;
    else this.#tokens = Math.min((this.#rate * burstMs) / 1_000, this.#tokens + (this.#rate * passedMs) / 1_000);
  }
}
