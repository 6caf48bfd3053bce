/** The time, as the wall clock has it, which people and other programs set, and as it passes. */
export class Clock {
  #nowMs = 0;
  /** By how much the wall clock was set back since the start. */
  #lagMs = 0;

  /** Unix ms. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** The same on a clock that nobody sets back: for what is to happen after a while. */
  get steadyMs(): number {
    return this.#nowMs + this.#lagMs;
  }

  /** Returns by how many milliseconds the clock was set back. */
  set(nowMs: number): number {
    const backMs = Math.max(0, this.#nowMs - nowMs);
    this.#lagMs += backMs;
    this.#nowMs = nowMs;
    return backMs;
  }

  /** What the wall clock is to show at a time of the steady one, if nobody sets it until then. */
  wallMs(steadyMs: number | undefined): number | undefined {
    return steadyMs === undefined ? undefined : steadyMs - this.#lagMs;
  }
}
