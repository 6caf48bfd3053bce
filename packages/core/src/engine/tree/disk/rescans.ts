import type { Blind } from '../../../ports/index.js';

/** How long from one look to the next. */
interface Pace {
  /** After a look that found what nobody had told. */
  readonly leastMs: number;
  readonly firstMs: number;
  /** After looks that found nothing, each of which doubles it. */
  readonly mostMs: number;
  /** So many times as long as the look took, at least. */
  readonly times: number;
}

const minuteMs = 60_000;
/** Of everything, in case the watch has missed something. */
const everythingPace: Pace = { leastMs: minuteMs, firstMs: 5 * minuteMs, mostMs: 60 * minuteMs, times: 50 };
/** Of what is not watched. */
const blindPace: Pace = { leastMs: 2_000, firstMs: 2_000, mostMs: 5 * minuteMs, times: 20 };

/** When to look the next time. */
class Turn {
  readonly #pace: Pace;
  #waitMs: number;
  dueMs: number | undefined;

  constructor(pace: Pace) {
    this.#pace = pace;
    this.#waitMs = pace.firstMs;
  }

  /** A look that took so long is over. What it found says nothing of the pace where it was asked for. */
  looked(nowMs: number, tookMs: number, found: boolean | undefined): void {
    const { leastMs, mostMs, times } = this.#pace;
    if (found !== undefined) this.#waitMs = found ? leastMs : Math.min(2 * this.#waitMs, mostMs);
    this.dueMs = nowMs + Math.max(this.#waitMs, times * tookMs);
  }

  isDue(nowMs: number): boolean {
    return this.dueMs !== undefined && nowMs >= this.dueMs;
  }

  stop(): void {
    this.#waitMs = this.#pace.firstMs;
    this.dueMs = undefined;
  }
}

/**
 * When to look at the disk although nothing was told: at everything, in case something was missed, and more often at
 * what nobody tells of. Looks that find something make it more often, those that don't less; none may take more than a
 * small part of the time (`spec/07 §14`).
 */
export class Rescans {
  readonly #everything = new Turn(everythingPace);
  readonly #unwatched = new Turn(blindPace);
  #blind: Blind = { paths: [], reason: '' };
  #beganMs = 0;
  #foundBlind = false;
  #foundElsewhere = false;

  /** Why not everything is watched, for a person. */
  get reason(): string | undefined {
    return this.#blind.reason === '' ? undefined : this.#blind.reason;
  }

  /** What is not watched from now on. */
  blind(blind: Blind, nowMs: number): void {
    this.#blind = blind;
    if (blind.paths.length === 0) this.#unwatched.stop();
    else if (this.#unwatched.dueMs === undefined) this.#unwatched.looked(nowMs, 0, undefined);
  }

  /** What is to be looked at now. */
  due(nowMs: number): readonly string[] | 'all' | undefined {
    if (this.#everything.isDue(nowMs)) return 'all';
    return this.#unwatched.isDue(nowMs) ? this.#blind.paths : undefined;
  }

  nextWake(): number | undefined {
    const times = [this.#everything.dueMs, this.#unwatched.dueMs].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  began(nowMs: number): void {
    this.#beganMs = nowMs;
    this.#foundBlind = false;
    this.#foundElsewhere = false;
  }

  /** A look that was due has found something that nobody had told. */
  found(path: string): void {
    if (isAtOrBelow(path, this.#blind.paths)) this.#foundBlind = true;
    else this.#foundElsewhere = true;
  }

  /** A look is through: one that was due, or one that was asked for. */
  ended(nowMs: number, paths: readonly string[] | 'all', wasDue: boolean): void {
    const tookMs = Math.max(0, nowMs - this.#beganMs);
    const found = (is: boolean): boolean | undefined => (wasDue ? is : undefined);
    if (paths === 'all') this.#everything.looked(nowMs, tookMs, found(this.#foundElsewhere));
    if (this.#unwatched.dueMs === undefined || !(wasDue || paths === 'all')) return;
    this.#unwatched.looked(nowMs, tookMs, found(this.#foundBlind));
  }
}

function isAtOrBelow(path: string, paths: readonly string[] | 'all'): boolean {
  return paths === 'all' || paths.some((each) => path === each || path.startsWith(`${each}/`));
}
