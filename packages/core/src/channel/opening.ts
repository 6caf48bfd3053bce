/** Opening a path: the handshake of both sides, and the peer's first word (`spec/08 §3`). */

import { concat, emptyBytes } from '../bytes.js';
import { type Crypto, keyBytes } from '../crypto/index.js';
import { CloudlessError, check, type ErrorCode, errorCode, invariant } from '../errors.js';
import { handshakeMsMax } from '../limits.js';
import { type Candidate, handshakeHint, hintBytes } from './hint.js';
import { firstMessageBytes, NoiseHandshake, secondMessageBytes, thirdMessageBytes } from './noise.js';
import { type Intent, Path, type Role } from './path.js';
import { parsePathFrame, pathFrame } from './path-frames.js';
import type { ReplayMemory } from './replay.js';

interface CommonOptions {
  readonly crypto: Crypto;
  readonly random: (bytes: number) => Uint8Array;
  readonly nowMs: number;
  /** Asked as soon as the peer's static key is known, by the initiator before it shows its own; default: anyone. */
  readonly accept?: ((remoteStatic: Uint8Array) => boolean) | undefined;
}

export interface InitiatorOptions extends CommonOptions {
  readonly role: 'initiator';
  readonly candidate: Candidate;
  /** The responder's X25519 device key, if an announcement named it. */
  readonly responderKey?: Uint8Array | undefined;
}

export interface ResponderOptions extends CommonOptions {
  readonly role: 'responder';
  /** See `findCandidate`. */
  readonly lookup: (hint: Uint8Array, ephemeral: Uint8Array) => Candidate | undefined;
  /** One for the whole process. */
  readonly replays: ReplayMemory;
}

export type OpeningOptions = InitiatorOptions | ResponderOptions;

export type OpeningEvent =
  /** The path is secure. For a responder `intent` is what the peer asks for; for an initiator always `begin`. */
  | { readonly type: 'ready'; readonly path: Path; readonly intent: OpeningIntent }
  /** Responder, before it has answered anything: say nothing, read nothing more, close after a while. */
  | { readonly type: 'silence'; readonly code: ErrorCode }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };

export type OpeningIntent =
  | { readonly type: 'begin' }
  /** The peer goes on with this session (`Connection.sessionId`). */
  | { readonly type: 'attach'; readonly sessionId: string };

type Step = 'first' | 'second' | 'third' | 'intent' | 'ready' | 'over';

const stepBytes = { first: hintBytes + firstMessageBytes, second: secondMessageBytes, third: thirdMessageBytes };

/** One side of one handshake. Feed it what the socket gives, write what `pull` gives. */
export class Opening {
  readonly #options: OpeningOptions;
  readonly #deadlineMs: number;
  readonly #ephemeralSecret: Uint8Array;
  #step: Step;
  #noise: NoiseHandshake | undefined;
  #candidate: Candidate | undefined;
  #path: Path | undefined;
  #received: Uint8Array = emptyBytes;
  #output: Uint8Array | undefined;

  constructor(options: OpeningOptions) {
    this.#options = options;
    this.#deadlineMs = options.nowMs + handshakeMsMax;
    this.#ephemeralSecret = options.random(keyBytes);
    this.#step = 'first';
    if (options.role === 'initiator') this.#dial(options);
  }

  /** The next bytes of the socket. After `ready` they go to the connection; after the others nothing is read. */
  receive(bytes: Uint8Array, nowMs: number): readonly OpeningEvent[] {
    if (this.#step === 'over') return [];
    const late = this.wake(nowMs);
    if (late.length > 0) return late;
    try {
      return this.#take(bytes);
    } catch (error) {
      return this.#fail(errorCode(error), error instanceof Error ? error.message : 'The handshake failed.');
    }
  }

  /** Bytes for the socket, or `undefined`. */
  pull(): Uint8Array | undefined {
    if (this.#step === 'intent') return this.#path?.writer.take();
    const output = this.#output;
    this.#output = undefined;
    return output;
  }

  /** When to call `wake`; `undefined` once there is nothing to wait for. */
  nextWake(): number | undefined {
    return this.#step === 'ready' || this.#step === 'over' ? undefined : this.#deadlineMs;
  }

  /** Ends a handshake that takes too long. */
  wake(nowMs: number): readonly OpeningEvent[] {
    const due = this.nextWake();
    if (due === undefined || nowMs < due) return [];
    return this.#fail('timeout', 'The other side did not finish the handshake in time.');
  }

  /** The session that the peer wants to go on with is not known: it is told so, and another `ready` follows. */
  refuseAttach(): void {
    const path = this.#path;
    invariant(this.#step === 'ready' && path?.intent?.kind === 'attach', 'there is no attach to refuse');
    path.intent = undefined;
    path.writer.add(pathFrame({ kind: 'unknown' }));
    this.#step = 'intent';
  }

  get #role(): Role {
    return this.#options.role;
  }

  #dial(options: InitiatorOptions): void {
    const { crypto, candidate, responderKey } = options;
    const noise = this.#begin(candidate);
    const message = noise.writeFirst();
    const hint = handshakeHint(crypto, candidate.psk, message.subarray(0, keyBytes), responderKey);
    this.#output = concat(hint, message);
    this.#step = 'second';
  }

  #begin(candidate: Candidate): NoiseHandshake {
    const { crypto } = this.#options;
    const { psk, staticSecret } = candidate;
    this.#candidate = candidate;
    this.#noise = new NoiseHandshake({ crypto, psk, staticSecret, ephemeralSecret: this.#ephemeralSecret });
    return this.#noise;
  }

  /** Gathers the bytes of the step at hand; there are never more than a few hundred before the path is secure. */
  #take(bytes: Uint8Array): readonly OpeningEvent[] {
    let rest = bytes;
    while (this.#step === 'first' || this.#step === 'second' || this.#step === 'third') {
      const needed = stepBytes[this.#step] - this.#received.length;
      this.#received = concat(this.#received, rest.subarray(0, needed));
      rest = rest.subarray(needed);
      if (this.#received.length < stepBytes[this.#step]) return [];
      const message = this.#received;
      this.#received = emptyBytes;
      const event = this.#message(this.#step, message);
      if (event !== undefined) {
        this.#path?.reader.push(rest.slice());
        return [event];
      }
    }
    const path = this.#path;
    if (path === undefined) return [];
    path.reader.push(rest);
    if (this.#step === 'intent') return this.#firstWord(path);
    path.reader.hold();
    return [];
  }

  #message(step: 'first' | 'second' | 'third', message: Uint8Array): OpeningEvent | undefined {
    if (step === 'first') return this.#answer(message);
    const { candidate, noise } = this.#parts();
    if (step === 'second') noise.readSecond(message);
    else noise.readThird(message);
    const accepted = this.#options.accept?.(noise.remoteStatic) ?? true;
    check(accepted, 'bad-key', 'The other side is not the device that was asked for.');
    const third = step === 'second' ? noise.writeThird() : undefined;
    const { crypto } = this.#options;
    const { remoteStatic } = noise;
    const path = new Path({ crypto, role: this.#role, noise: noise.finish(), candidate, remoteStatic });
    this.#path = path;
    this.#noise = undefined;
    this.#step = step === 'second' ? 'ready' : 'intent';
    if (third === undefined) return undefined;
    path.writer.addPlain(third);
    return { type: 'ready', path, intent: { type: 'begin' } };
  }

  #parts(): { candidate: Candidate; noise: NoiseHandshake } {
    invariant(this.#candidate !== undefined && this.#noise !== undefined, 'the handshake has not begun');
    return { candidate: this.#candidate, noise: this.#noise };
  }

  /** Anything wrong with a first message ends in silence: nobody learns that somebody is here. */
  #answer(message: Uint8Array): OpeningEvent | undefined {
    const options = this.#options;
    invariant(options.role === 'responder', 'only a responder reads a first message');
    const ephemeral = message.slice(hintBytes, hintBytes + keyBytes);
    const candidate = options.lookup(message.subarray(0, hintBytes), ephemeral);
    try {
      check(candidate !== undefined, 'bad-mac', 'Nothing here fits the hint.');
      const noise = this.#begin(candidate);
      noise.readFirst(message.subarray(hintBytes));
      check(options.replays.add(ephemeral), 'protocol', 'This first message was seen before.');
      this.#output = noise.writeSecond();
    } catch (error) {
      return this.#silence(errorCode(error));
    }
    this.#step = 'third';
    return undefined;
  }

  #firstWord(path: Path): readonly OpeningEvent[] {
    const content = path.reader.next();
    if (content === undefined) return [];
    const frame = parsePathFrame(content);
    const known = frame.kind === 'begin' || frame.kind === 'attach';
    if (!known) throw new CloudlessError('protocol', 'A path starts with begin or attach.');
    path.intent = frame satisfies Intent;
    path.reader.hold();
    this.#step = 'ready';
    const intent: OpeningIntent =
      frame.kind === 'begin' ? { type: 'begin' } : { type: 'attach', sessionId: frame.sessionId };
    return [{ type: 'ready', path, intent }];
  }

  #silence(code: ErrorCode): OpeningEvent {
    this.#end();
    return { type: 'silence', code };
  }

  #fail(code: ErrorCode, message: string): readonly OpeningEvent[] {
    const silent = this.#role === 'responder' && this.#step === 'first';
    if (silent) return [this.#silence(code)];
    this.#end();
    return [{ type: 'failed', code, message }];
  }

  #end(): void {
    this.#step = 'over';
    this.#output = undefined;
    this.#noise = undefined;
    this.#path = undefined;
    this.#received = emptyBytes;
  }
}
