/** When to ask whether the peer is still there, and when to give a path or a session up (`spec/08 §6`). */

export interface LivenessOptions {
  /** A ping goes out after hearing nothing for so long. */
  readonly keepaliveMs: number;
  /** A path is dead when something was asked or sent and nothing was heard for so long. */
  readonly deadMs: number;
  /** A session without a path ends after so long. */
  readonly detachedMsMax: number;
}

export class Liveness {
  readonly #options: LivenessOptions;
  #heardAtMs: number;
  /** Since when an answer is due. */
  #waitingSinceMs: number | undefined;
  #detachedAtMs: number | undefined;
  #pingDue = false;
  #ping = 0;
  #pingSentAtMs: number | undefined;
  #unacked = false;
  #rttMs: number | undefined;

  constructor(options: LivenessOptions, nowMs: number) {
    this.#options = options;
    this.#heardAtMs = nowMs;
  }

  get rttMs(): number | undefined {
    return this.#rttMs;
  }

  /** A new path carries the session: measure it. */
  attached(nowMs: number): void {
    this.#detachedAtMs = undefined;
    this.#heardAtMs = nowMs;
    this.#waitingSinceMs = this.#unacked ? nowMs : undefined;
    this.#pingSentAtMs = undefined;
    this.#pingDue = true;
  }

  detached(nowMs: number): void {
    this.#detachedAtMs = nowMs;
    this.#waitingSinceMs = undefined;
  }

  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
    if (this.#waitingSinceMs !== undefined) this.#waitingSinceMs = nowMs;
  }

  /** Frames went out that must be acknowledged. */
  waiting(nowMs: number): void {
    this.#unacked = true;
    this.#waitingSinceMs ??= nowMs;
  }

  allAcknowledged(nowMs: number): void {
    this.#unacked = false;
    this.#waitingSinceMs = this.#pingSentAtMs === undefined ? undefined : nowMs;
  }

  /** Number of the ping to send now, if one is due. */
  pingToSend(nowMs: number): number | undefined {
    if (!this.#pingDue) return undefined;
    this.#pingDue = false;
    this.#ping = (this.#ping + 1) >>> 0;
    this.#pingSentAtMs = nowMs;
    this.#waitingSinceMs ??= nowMs;
    return this.#ping;
  }

  pong(id: number, nowMs: number): void {
    if (id !== this.#ping || this.#pingSentAtMs === undefined) return;
    this.#rttMs = nowMs - this.#pingSentAtMs;
    this.#pingSentAtMs = undefined;
    if (!this.#unacked) this.#waitingSinceMs = undefined;
  }

  nextWake(attached: boolean): number | undefined {
    const { keepaliveMs, deadMs, detachedMsMax } = this.#options;
    if (!attached) return this.#detachedAtMs === undefined ? undefined : this.#detachedAtMs + detachedMsMax;
    if (this.#waitingSinceMs !== undefined) return this.#waitingSinceMs + deadMs;
    return this.#pingDue ? undefined : this.#heardAtMs + keepaliveMs;
  }

  wake(nowMs: number, attached: boolean): 'alive' | 'path-dead' | 'session-over' {
    const due = this.nextWake(attached);
    if (due === undefined || nowMs < due) return 'alive';
    if (!attached) return 'session-over';
    if (this.#waitingSinceMs !== undefined) return 'path-dead';
    this.#pingDue = true;
    return 'alive';
  }
}
