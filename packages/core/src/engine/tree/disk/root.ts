import { toHex, utf8, utf8Text } from '../../../bytes.js';
import type { ClaimOptions, RootState } from '../../../ports/index.js';
import type { TaskResult } from '../../inputs.js';
import type { TreeCore } from '../core.js';
import { Lives } from '../store/lives.js';

const checkMs = 60_000;
const againMs = 5_000;

/**
 * The directory of a folder: claims it, and sees now and then that it is still the same. While it is not, the folder
 * is stopped: nothing is read, recorded or changed, and it goes on by itself once the directory is back (`spec/07 §9`).
 */
export class Root {
  readonly #core: TreeCore;
  readonly #begun: () => void;
  readonly #lives: Lives;
  #claiming = false;
  #good = false;
  #nextMs = 0;

  /** `begun` is called whenever a directory of which nothing is known for sure is there and ours. */
  constructor(core: TreeCore, begun: () => void) {
    this.#core = core;
    this.#begun = begun;
    this.#lives = new Lives(core.tables, () => this.#home());
  }

  /** The directory is there and ours; the tree may work. */
  get good(): boolean {
    return this.#good && this.#core.stopped === undefined;
  }

  /** It was looked for, and is not there or not ours. */
  get gone(): boolean {
    return this.#core.stopped !== undefined;
  }

  /** When the tree was last found replaced, or on another disk; Unix ms, 0 for never. */
  get movedMs(): number {
    return this.#core.tables.number('moved');
  }

  /** Numbers of the root's token, as `begunAnew` takes them. */
  tokens(): readonly string[] {
    return this.#core.tokens();
  }

  /** All tables were emptied: what the next tree has to know. With `take` it takes the root over from anybody. */
  begunAnew(tokens: readonly string[], take: boolean): void {
    const { tables } = this.#core;
    tables.putNumber('reset', 1);
    if (tokens.length === 0) return;
    this.#core.putTokens(tokens);
    if (take) tables.putNumber('take', 1);
  }

  /** Whether a directory in this state is the folder's own, and no copy that another installation took over. */
  isOwn(state: RootState): boolean {
    return this.#core.rootTrouble(state) === undefined;
  }

  /** Looks at the token when it is time to; called in every step. */
  step(): void {
    const now = this.#core.context.steadyMs();
    if (this.#good && this.#core.stopped !== undefined) this.#lost(now);
    if (now >= this.#nextMs) this.#claim();
  }

  /** Somebody wants to know: looks at once, if it is stopped. */
  look(): void {
    if (!this.good) this.#nextMs = 0;
    this.#core.context.again();
  }

  nextWake(): number | undefined {
    return this.#claiming ? undefined : this.#nextMs;
  }

  #lost(now: number): void {
    this.#good = false;
    this.#nextMs = now + againMs;
  }

  #claim(more: ClaimOptions = {}): void {
    if (this.#claiming) return;
    const { context, root, tables } = this.#core;
    this.#claiming = true;
    const create = tables.bytes('root') === undefined;
    const own = this.#core.tokens();
    context.task({ task: 'claim', root, create, more: { ...more, own } }, (result) => {
      this.#claiming = false;
      this.#claimed(result);
      context.again();
    });
  }

  #claimed(result: TaskResult): void {
    const core = this.#core;
    const now = core.context.steadyMs();
    const state = result.task === 'claim' ? result.root : undefined;
    const trouble = state === undefined ? failureOf(result) : core.rootTrouble(state);
    if (trouble !== undefined && state !== undefined && this.#tookLater(state)) return this.#restored('database', now);
    if (trouble !== undefined || state?.state !== 'ok') {
      core.stopped = trouble;
      return this.#lost(now);
    }
    const { tables, context } = core;
    const restored = this.#lives.judge(state.life);
    if (restored !== undefined && context.restored !== undefined) return this.#restored(restored, now);
    if (core.tokens().at(-1) !== state.nonce) core.putTokens([...core.tokens(), state.nonce]);
    if (!this.#lives.told) return this.#begin(state.life);
    this.#lives.left(state.life);
    core.life = state.life;
    core.abilities.begin(state.traits);
    if (this.#takes) tables.putNumber('take', 0);
    const anew = !this.good || this.#isMoved(state);
    core.stopped = undefined;
    this.#good = true;
    this.#nextMs = now + checkMs;
    if (!anew) return;
    context.task({ task: 'watch', root: core.root }, () => undefined);
    this.#begun();
  }

  #restored(what: 'database' | 'disk', now: number): void {
    this.#nextMs = now + againMs;
    this.#core.context.restored?.(what);
  }

  /**
   * Whether it was this installation that put an unknown number into the token, after the moment that its database is
   * of now. While the program runs no database comes back: then it is somebody else with all that is ours.
   */
  #tookLater(state: RootState): boolean {
    if (this.#lives.told || this.#core.context.restored === undefined) return false;
    return state.state === 'ok' && this.#lives.isFromHere(state.life);
  }

  /** Names where our stores lie, to nobody who does not know it. */
  #home(): string {
    const { crypto, folder, home } = this.#core.context;
    return toHex(crypto.sha256(utf8(`${folder} ${home?.() ?? ''}`)).subarray(0, 16));
  }

  /** The first look of this life: leaves word of it in the root. */
  #begin(left: string | undefined): void {
    this.#claim({ life: this.#lives.begin(left, this.#core.context.now()), take: this.#takes });
  }

  /** The root is to be taken over, from whoever has it. */
  get #takes(): boolean {
    return this.#core.tables.number('take') === 1;
  }

  /** Whether this is another directory than last time, although with the same token; that is noted. */
  #isMoved({ place }: Extract<RootState, { readonly state: 'ok' }>): boolean {
    const { tables } = this.#core;
    const known = tables.bytes('place');
    if (known !== undefined && utf8Text(known) === place) return false;
    tables.putBytes('place', utf8(place));
    if (known === undefined) return false;
    tables.putNumber('moved', this.#core.context.now());
    return true;
  }
}

function failureOf(result: TaskResult): string {
  return result.task === 'failed' ? result.reason : 'The directory could not be looked at.';
}
