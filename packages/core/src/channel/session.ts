/** A session above paths: numbers and acknowledges frames, so a broken path costs only time (`spec/08 §6`). */

import { equalBytes, free, fromHex, toHex } from '../bytes.js';
import { type Crypto, domainHash } from '../crypto/index.js';
import { CloudlessError, check, type ErrorCode, errorCode } from '../errors.js';
import { ackBytes, ackDelayMs, sessionUnackedBytesMax, urgentPoolBytes } from '../limits.js';
import { attachProof, proofFits } from './attach-proof.js';
import type { ConnectionEvent } from './events.js';
import { frameContentBytesMax, frameOverheadBytes } from './frame.js';
import type { Priority } from './items.js';
import { Liveness } from './liveness.js';
import type { Path } from './path.js';
import {
  attachFrame,
  itemsHeaderBytes,
  type PathFrame,
  parsePathFrame,
  pathFrame,
  writeItemsHeader,
} from './path-frames.js';
import { Unacked } from './unacked.js';

/** Fills and takes the content of numbered frames. */
export interface ItemSource {
  fill(target: Uint8Array, offset: number, lowest: Priority, nowMs: number): number;
  /** The items are not to be looked at after the call. */
  receive(items: Uint8Array, nowMs: number): void;
}

export interface SessionOptions {
  readonly crypto: Crypto;
  readonly items: ItemSource;
  readonly events: ConnectionEvent[];
  readonly keepaliveMs: number;
  readonly deadMs: number;
  readonly detachedMsMax: number;
}

interface Attachment {
  readonly path: Path;
  readonly sinceMs: number;
  attached: boolean;
  /** Number of the next frame that goes out here. */
  cursor: number;
  leftHere: boolean;
  leftThere: boolean;
}

/** A frame is not begun for less room than this, unless nothing else goes out. */
const frameRoomMin = 1_024;
const spareBuffersMax = 32;

export class Session {
  readonly sessionId: string;
  readonly #options: SessionOptions;
  readonly #first: Path;
  readonly #attachments = new Map<Path, Attachment>();
  readonly #unacked = new Unacked();
  readonly #liveness: Liveness;
  #scratch: Uint8Array = new Uint8Array(frameContentBytesMax);
  readonly #spare: Uint8Array[] = [];
  #current: Attachment | undefined;
  #received = 0;
  #unackedHere = 0;
  #ackAtMs: number | undefined;
  #pongDue: number | undefined;
  #closed = false;

  constructor(path: Path, options: SessionOptions, nowMs: number) {
    this.#options = options;
    this.#first = path;
    this.sessionId = toHex(domainHash(options.crypto, 'session id', path.handshakeHash));
    this.#liveness = new Liveness(options, nowMs);
    if (path.role === 'initiator') path.writer.add(pathFrame({ kind: 'begin' }));
    this.#takeOver(this.#add(path, nowMs), 0, nowMs);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get attached(): boolean {
    return this.#current !== undefined;
  }

  get rttMs(): number | undefined {
    return this.#liveness.rttMs;
  }

  /** Bytes sent or about to be sent again. */
  get unackedBytes(): number {
    return this.#unacked.bytes;
  }

  attach(path: Path, nowMs: number): void {
    check(!this.#closed, 'closed', 'This connection is closed.');
    const same = this.#sameDevices(path);
    check(same || path.role === 'responder', 'usage', 'A session goes on only between the devices that began it.');
    const attachment = this.#add(path, nowMs);
    if (path.role === 'initiator') {
      const id = fromHex(this.sessionId) as Uint8Array;
      path.writer.add(attachFrame(id, this.#proof(path, 'initiator', this.#received), this.#received));
      return;
    }
    const { intent } = path;
    const fits = intent?.kind === 'attach' && intent.sessionId === this.sessionId;
    if (!same || !fits || !this.#proofFits(path, 'initiator', intent)) {
      this.#endPath(attachment, 'bad-mac', nowMs);
      return;
    }
    const { received } = intent;
    path.writer.add(
      pathFrame({ kind: 'attached', proof: this.#proof(path, 'responder', this.#received), received: this.#received }),
    );
    this.#takeOver(attachment, received, nowMs);
  }

  /** Bytes of a path. What is wrong with the path ends the path; what is wrong with the peer throws. */
  receive(path: Path, bytes: Uint8Array, nowMs: number): void {
    const attachment = this.#attachments.get(path);
    if (attachment === undefined || this.#closed) return;
    path.reader.push(bytes);
    while (this.#attachments.has(path) && !this.#closed) {
      const content = this.#nextFrame(attachment, nowMs);
      if (content === undefined) return;
      this.#liveness.heard(nowMs);
      if (attachment.attached) {
        const frame = parsePathFrame(content);
        this.#take(attachment, frame, nowMs);
        if (frame.kind === 'items') free(content);
      } else this.#takeAnswer(attachment, content, nowMs);
    }
    path.reader.hold();
  }

  /** The stream of a path is gone. */
  lost(path: Path, nowMs: number): void {
    const attachment = this.#attachments.get(path);
    if (attachment !== undefined) this.#drop(attachment, nowMs);
  }

  /** Sealed frames for a path, see `Connection.pull`. */
  pull(path: Path, bytesMax: number, nowMs: number): Uint8Array | undefined {
    const attachment = this.#attachments.get(path);
    if (attachment !== undefined && attachment === this.#current) this.#fill(attachment, bytesMax, nowMs);
    return path.writer.take();
  }

  nextWake(): number | undefined {
    if (this.#closed) return undefined;
    const times = [this.#liveness.nextWake(this.attached), this.attached ? this.#ackAtMs : undefined];
    for (const { attached, sinceMs } of this.#attachments.values()) {
      if (!attached) times.push(sinceMs + this.#options.deadMs);
    }
    return times.reduce((a, b) => (a === undefined ? b : b === undefined ? a : Math.min(a, b)), undefined);
  }

  wake(nowMs: number): void {
    if (this.#closed) return;
    if (this.#ackAtMs !== undefined && nowMs >= this.#ackAtMs) {
      this.#ackAtMs = undefined;
      this.#unackedHere = Math.max(this.#unackedHere, ackBytes);
    }
    for (const attachment of [...this.#attachments.values()]) {
      const late = !attachment.attached && nowMs >= attachment.sinceMs + this.#options.deadMs;
      if (late) this.#endPath(attachment, 'timeout', nowMs);
    }
    const verdict = this.#liveness.wake(nowMs, this.attached);
    if (verdict === 'path-dead' && this.#current !== undefined) this.#endPath(this.#current, 'timeout', nowMs);
    if (verdict === 'session-over') this.finish('timeout', 'The other side could not be reached for too long.');
  }

  /** Ends the session and tells the peer, if a path is left. */
  close(code: number): void {
    if (this.#closed) return;
    this.#current?.path.writer.add(pathFrame({ kind: 'close', code }));
    this.finish('closed', 'The connection was closed here.');
  }

  /** Ends the session because of what the peer did. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.#current?.path.writer.add(pathFrame({ kind: 'close', code: breachCode }));
    this.finish(errorCode(error), error instanceof Error ? error.message : 'The connection failed.');
  }

  finish(code: ErrorCode, message: string, remoteCode?: number): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#current = undefined;
    this.#attachments.clear();
    this.#options.events.push({ type: 'closed', code, message, ...(remoteCode === undefined ? {} : { remoteCode }) });
  }

  #add(path: Path, nowMs: number): Attachment {
    const attachment = { path, sinceMs: nowMs, attached: false, cursor: 0, leftHere: false, leftThere: false };
    this.#attachments.set(path, attachment);
    return attachment;
  }

  #sameDevices(path: Path): boolean {
    const { remoteStatic, localStatic } = this.#first;
    return equalBytes(path.remoteStatic, remoteStatic) && equalBytes(path.localStatic, localStatic);
  }

  #proof(path: Path, role: 'initiator' | 'responder', received: number): Uint8Array {
    const { crypto } = this.#options;
    return attachProof(crypto, this.#first.sessionSecret, path.handshakeHash, role, received);
  }

  #proofFits(path: Path, role: 'initiator' | 'responder', frame: { proof: Uint8Array; received: number }): boolean {
    return proofFits(this.#proof(path, role, frame.received), frame.proof) && frame.received <= this.#unacked.next;
  }

  /** From now on numbered frames go out on this path, from the first that the peer lacks. */
  #takeOver(attachment: Attachment, peerReceived: number, nowMs: number): void {
    const before = this.#current;
    attachment.attached = true;
    attachment.cursor = Math.max(peerReceived, this.#unacked.first);
    this.#acknowledge(peerReceived);
    this.#current = attachment;
    this.#liveness.attached(nowMs);
    this.#options.events.push({ type: 'attached', path: attachment.path });
    if (before !== undefined) this.#leave(before, nowMs);
  }

  #leave(attachment: Attachment, nowMs: number): void {
    attachment.leftHere = true;
    attachment.path.writer.add(pathFrame({ kind: 'leave' }));
    this.#endIfLeft(attachment, nowMs);
  }

  #endIfLeft(attachment: Attachment, nowMs: number): void {
    if (attachment.leftHere && attachment.leftThere) this.#endPath(attachment, 'closed', nowMs);
  }

  #nextFrame(attachment: Attachment, nowMs: number): Uint8Array | undefined {
    try {
      return attachment.path.reader.next();
    } catch (error) {
      this.#endPath(attachment, errorCode(error), nowMs);
      return undefined;
    }
  }

  /** First frame after an attach from here: nothing on this path speaks for the session before the proof. */
  #takeAnswer(attachment: Attachment, content: Uint8Array, nowMs: number): void {
    const { path } = attachment;
    const answer = parseOrUndefined(content);
    if (answer?.kind === 'unknown') {
      this.#attachments.delete(path);
      this.finish('closed', 'The other side has lost this session.');
      this.#options.events.push({ type: 'unattached', path });
    } else if (answer?.kind === 'attached' && this.#proofFits(path, 'responder', answer)) {
      this.#takeOver(attachment, answer.received, nowMs);
    } else {
      this.#endPath(attachment, answer?.kind === 'attached' ? 'bad-mac' : 'protocol', nowMs);
    }
  }

  #take(attachment: Attachment, frame: PathFrame, nowMs: number): void {
    switch (frame.kind) {
      case 'items':
        check(!attachment.leftThere, 'protocol', 'The peer went on sending on a path that it had left.');
        this.#acknowledged(frame.received, nowMs);
        this.#takeItems(frame.number, frame.items, nowMs);
        return;
      case 'ack':
        this.#acknowledged(frame.received, nowMs);
        return;
      case 'ping':
        this.#pongDue = frame.id;
        return;
      case 'pong':
        this.#liveness.pong(frame.id, nowMs);
        return;
      case 'leave':
        check(!attachment.leftThere, 'protocol', 'The peer left a path twice.');
        attachment.leftThere = true;
        this.#endIfLeft(attachment, nowMs);
        return;
      case 'close':
        this.finish('closed', 'The other side closed the connection.', frame.code);
        return;
      default:
        throw new CloudlessError('protocol', 'The peer tried to begin or attach a session inside one.');
    }
  }

  #acknowledged(received: number, nowMs: number): void {
    this.#acknowledge(received);
    if (this.#unacked.bytes === 0) this.#liveness.allAcknowledged(nowMs);
  }

  #takeItems(number: number, items: Uint8Array, nowMs: number): void {
    check(number <= this.#received, 'protocol', 'A numbered frame is missing.');
    this.#unackedHere += itemsHeaderBytes + items.length;
    this.#ackAtMs ??= nowMs + ackDelayMs;
    if (number < this.#received) return;
    this.#received += 1;
    this.#options.items.receive(items, nowMs);
  }

  #fill(attachment: Attachment, bytesMax: number, nowMs: number): void {
    const { writer } = attachment.path;
    if (this.#pongDue !== undefined) writer.add(pathFrame({ kind: 'pong', id: this.#pongDue }));
    this.#pongDue = undefined;
    const ping = this.#liveness.pingToSend(nowMs);
    if (ping !== undefined) writer.add(pathFrame({ kind: 'ping', id: ping }));
    let sent = false;
    for (;;) {
      const room = bytesMax - writer.waitingBytes - frameOverheadBytes;
      if (sent && room < frameRoomMin) break;
      const frame = this.#frameFor(attachment, sent ? room : Math.max(room, frameRoomMin), sent, nowMs);
      if (frame === undefined) break;
      writeItemsHeader(frame, attachment.cursor, this.#received);
      writer.add(frame);
      attachment.cursor += 1;
      sent = true;
    }
    if (sent) this.#liveness.waiting(nowMs);
    else if (this.#unackedHere >= ackBytes) writer.add(pathFrame({ kind: 'ack', received: this.#received }));
    else return;
    this.#unackedHere = 0;
    this.#ackAtMs = undefined;
  }

  /** The next frame to send again, else a new one. */
  #frameFor(attachment: Attachment, room: number, sent: boolean, nowMs: number): Uint8Array | undefined {
    attachment.cursor = Math.max(attachment.cursor, this.#unacked.first);
    if (attachment.cursor < this.#unacked.next) {
      const frame = this.#unacked.at(attachment.cursor);
      return sent && frame.length > room ? undefined : frame;
    }
    const held = this.#unacked.bytes;
    if (held >= sessionUnackedBytesMax + urgentPoolBytes) return undefined;
    const lowest: Priority = held >= sessionUnackedBytesMax ? 1 : 2;
    const target = this.#scratch.subarray(0, Math.min(room, frameContentBytesMax));
    const end = this.#options.items.fill(target, itemsHeaderBytes, lowest, nowMs);
    if (end === itemsHeaderBytes) return undefined;
    const frame = this.#keep(end);
    this.#unacked.add(frame);
    return frame;
  }

  /** The first bytes of the scratch buffer: copied when few, else as they are, and another comes in its place. */
  #keep(bytes: number): Uint8Array {
    if (bytes * 2 < this.#scratch.length) return this.#scratch.slice(0, bytes);
    const kept = this.#scratch.subarray(0, bytes);
    this.#scratch = this.#spare.pop() ?? new Uint8Array(frameContentBytesMax);
    return kept;
  }

  /** Buffers of frames that arrived are used again. */
  #acknowledge(received: number): void {
    this.#unacked.acknowledge(received, ({ buffer }) => {
      if (buffer.byteLength !== frameContentBytesMax || this.#spare.length >= spareBuffersMax) return;
      this.#spare.push(new Uint8Array(buffer));
    });
  }

  #endPath(attachment: Attachment, code: ErrorCode, nowMs: number): void {
    this.#options.events.push({ type: 'path-ended', path: attachment.path, code });
    this.#drop(attachment, nowMs);
  }

  /** Without its sending path a session keeps no others: the peer then sees that it must attach again. */
  #drop(attachment: Attachment, nowMs: number): void {
    this.#attachments.delete(attachment.path);
    if (attachment === this.#current) {
      this.#current = undefined;
      this.#liveness.detached(nowMs);
      for (const other of [...this.#attachments.values()]) {
        if (other.attached) this.#endPath(other, 'closed', nowMs);
      }
    }
    if (this.#attachments.size === 0 && this.#current === undefined) this.#options.events.push({ type: 'detached' });
  }
}

/** What the peer is told when it broke a rule. */
export const breachCode = 1;

function parseOrUndefined(content: Uint8Array): PathFrame | undefined {
  try {
    return parsePathFrame(content);
  } catch {
    return undefined;
  }
}
