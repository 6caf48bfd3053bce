import type { Crypto } from '../crypto/index.js';
import { check, invariant } from '../errors.js';
import { folderLogsMax } from '../limits.js';
import {
  type DeviceId,
  decodeEntry,
  encodeMessage,
  type Head,
  headsDigest,
  type LogName,
  logKey,
  type MessageOf,
} from '../model/index.js';
import type { Effect } from './effects.js';
import type { FolderLogs } from './folder-logs.js';
import type { ConnectionId, Lane } from './inputs.js';
import { KeyExchange } from './key-exchange.js';
import { areEqual, encodeRun, endingOf, headsMessages, newer, newSyncPeer, type SyncPeer } from './sync-peer.js';
import { earlier } from './times.js';

const runBytesAim = 524_288;
const askElsewhereMs = 2_000;
const hearMs = 5_000;
/** How long who was put out may take to read that. */
const farewellMs = 2_000;

interface Asked {
  readonly peer: SyncPeer;
  sinceMs: number;
}

export interface FolderSyncOptions {
  readonly crypto: Crypto;
  readonly logs: FolderLogs;
  readonly now: () => number;
  readonly emit: (effect: Effect) => void;
  /** Entries came in or keys were learned: apply, look again. */
  readonly changed: () => void;
  /** The connection is with somebody who was put out, and has been told so. */
  readonly end: (connection: ConnectionId) => void;
}

/**
 * Keeps one folder's logs equal with every connected device: heads out, `get` for what is behind, live after that
 * (`spec/11 §3`).
 *
 * Invariants: a log is asked of one peer at a time · content is asked of a peer only when its membership logs are
 * here ·
 * what is sent was committed or verified · heads are told after their commit, because effects leave after it.
 */
export class FolderSync {
  readonly keyExchange: KeyExchange;
  readonly #options: FolderSyncOptions;
  readonly #peers = new Map<ConnectionId, SyncPeer>();
  readonly #asked = new Map<string, Asked>();

  constructor(options: FolderSyncOptions) {
    this.#options = options;
    this.keyExchange = new KeyExchange({
      logs: options.logs,
      peers: () => this.#peers.values(),
      send: (peer, message) => this.#send(peer, 'control', encodeMessage(message)),
      changed: () => options.changed(),
    });
  }

  peers(): readonly SyncPeer[] {
    return [...this.#peers.values()];
  }

  peer(connection: ConnectionId): SyncPeer | undefined {
    return this.#peers.get(connection);
  }

  /** A channel to a device is open in both directions. */
  open(connection: ConnectionId, channel: number, device: DeviceId): void {
    const proven = this.#isMember(device);
    const peer = newSyncPeer({ connection, channel, device, proven, sinceMs: this.#options.now() });
    peer.ending = endingOf(this.#options.logs.membership, device);
    this.#peers.set(connection, peer);
    this.#sendDigest(peer);
    this.keyExchange.ask();
  }

  close(connection: ConnectionId): void {
    const peer = this.#peers.get(connection);
    if (peer === undefined) return;
    this.#peers.delete(connection);
    for (const [key, asked] of this.#asked) if (asked.peer === peer) this.#asked.delete(key);
    for (const other of this.#peers.values()) this.#ask(other);
  }

  digest(peer: SyncPeer, message: MessageOf<'digest'>): void {
    const served = this.#served(peer);
    const digest = headsDigest(this.#options.crypto, served);
    if (digest.every((byte, i) => byte === message.digest[i])) {
      for (const head of served) peer.heads.set(logKey(head), head);
      peer.complete = true;
      this.#options.changed();
    } else {
      this.#sendHeads(peer, served, true);
    }
  }

  heads(peer: SyncPeer, message: MessageOf<'heads'>): void {
    if (peer.ending !== undefined) return;
    for (const { head } of message.heads) this.#noteHead(peer, head);
    if (message.complete) {
      peer.complete = true;
      if (!peer.sentComplete) this.#sendHeads(peer, this.#served(peer), true);
    }
    this.#ask(peer);
    this.#options.changed();
  }

  get(peer: SyncPeer, message: MessageOf<'get'>): void {
    const known = this.#options.logs.book.log(message.log) !== undefined;
    if (!known || (message.log.log === 'content' && !peer.proven)) return;
    this.#serveRun(peer, message.log, message.after, 'catchup');
  }

  unfollow(peer: SyncPeer, message: MessageOf<'unfollow'>): void {
    peer.following.delete(logKey(message.log));
  }

  /** Takes entries; throws the refusal when they are not what they should be. */
  entries(peer: SyncPeer, message: MessageOf<'entries'>): void {
    if (peer.ending !== undefined) return;
    const run = message.entries.map((bytes) => decodeEntry(this.#options.crypto, bytes));
    const [first] = run;
    const last = run.at(-1);
    if (first === undefined || last === undefined) return;
    const { logs } = this.#options;
    const name = logs.branches.nameOf(first);
    if (name === undefined || !this.#takes(first.header)) return;
    const key = logKey(name);
    peer.heads.set(key, newer(peer.heads.get(key), { ...name, seq: last.header.seq, hash: last.hash }));
    const isBranch = name.device !== first.header.device;
    const known = logs.book.log(name)?.seq ?? (isBranch ? first.header.seq - 1 : 0);
    if (first.header.seq > known + 1) return this.#sendGet(peer, name);
    if (logs.branches.isDetached(name, run)) return this.#askEarlier(peer, name, first.header.seq);
    const added = logs.take(name, run);
    const asked = this.#asked.get(key);
    if (asked?.peer === peer) asked.sinceMs = this.#options.now();
    if (peer.parted.has(key) && added === 0 && message.more) return this.#sendGetAfter(peer, name, last.header.seq);
    peer.parted.delete(key);
    if (message.more || (added > 0 && asked?.peer === peer && this.#behind(peer, key))) this.#sendGet(peer, name);
    if (added > 0) this.#compareOthers(peer, key);
    if (added > 0) this.logGrew(name, peer.connection);
    else peer.news.add(key);
  }

  /** A log of ours grew, by us or from `from`: live to those who follow it, news to the others. */
  logGrew(name: LogName, from?: ConnectionId): void {
    const key = logKey(name);
    for (const peer of this.#peers.values()) {
      const followed = peer.following.get(key);
      if (peer.connection === from || followed === undefined) peer.news.add(key);
      else this.#serveRun(peer, name, followed.sentSeq, followed.lane);
    }
    if (name.log === 'membership') this.#membershipChanged();
    this.#options.changed();
  }

  /** Logs have other ends than before. */
  tellAll(): void {
    for (const peer of this.#peers.values()) for (const head of this.#served(peer)) peer.news.add(logKey(head));
  }

  /** Tells the gathered news; called at the end of a step, so that a burst costs one message a peer. */
  flush(): void {
    for (const peer of this.#peers.values()) {
      if (peer.news.size === 0) continue;
      const heads = this.#served(peer).filter((head) => peer.news.has(logKey(head)));
      peer.news.clear();
      if (heads.length > 0) this.#sendHeads(peer, heads, false);
    }
  }

  /** Whether somebody who was just met may still say that our own log went on without us. */
  get hearing(): boolean {
    return this.#heardMs() !== undefined;
  }

  /** A log stands still although its peer has more: ask somebody else. */
  wake(nowMs: number): void {
    for (const { connection, endMs } of this.#peers.values()) {
      if (endMs !== undefined && endMs <= nowMs) this.#options.end(connection);
    }
    for (const [key, asked] of this.#asked) {
      if (!this.#anyBehind(key) || nowMs - asked.sinceMs < askElsewhereMs) continue;
      asked.sinceMs = nowMs;
      const other = [...this.#peers.values()].find((peer) => peer !== asked.peer && this.#behind(peer, key));
      if (other === undefined) continue;
      const { device, log: kind } = other.heads.get(key) as Head;
      const log: LogName = { device, log: kind };
      this.#send(asked.peer, 'control', encodeMessage({ type: 'unfollow', channel: asked.peer.channel, log }));
      this.#asked.set(key, { peer: other, sinceMs: nowMs });
      this.#sendGet(other, log);
    }
  }

  clockWentBack(byMs: number): void {
    for (const asked of this.#asked.values()) asked.sinceMs -= byMs;
    for (const peer of this.#peers.values()) {
      peer.sinceMs -= byMs;
      if (peer.endMs !== undefined) peer.endMs -= byMs;
    }
  }

  nextWake(): number | undefined {
    const late = [...this.#asked].filter(([key]) => this.#anyBehind(key));
    const elsewhere =
      late.length === 0 ? undefined : Math.min(...late.map(([, asked]) => asked.sinceMs)) + askElsewhereMs;
    const ends = [...this.#peers.values()].map(({ endMs }) => endMs);
    return earlier(this.#heardMs(), elsewhere, ...ends);
  }

  /** When those who were just met have had the time to tell their heads; nothing if all have. */
  #heardMs(): number | undefined {
    const untold = [...this.#peers.values()].filter((peer) => !peer.complete).map((peer) => peer.sinceMs + hearMs);
    const last = Math.max(...untold);
    return last > this.#options.now() ? last : undefined;
  }

  /** Heads are known to be equal with this peer. */
  equal(peer: SyncPeer): boolean {
    if (peer.ending !== undefined) return true;
    if (!peer.complete) return false;
    const theirs = [...peer.heads.values()].filter((head) => this.#wants(head));
    return areEqual(this.#served(peer), theirs, (log) => this.#options.logs.forks.endOf(log));
  }

  #membershipChanged(): void {
    const content = this.#options.logs.book.logs().filter(({ log }) => log === 'content');
    for (const peer of this.#peers.values()) {
      const proven = this.#isMember(peer.device);
      if (proven && !peer.proven) for (const head of this.#options.logs.book.logs()) peer.news.add(logKey(head));
      peer.proven = proven;
      this.#putOut(peer);
      // What it asked for as a member is not its any more.
      if (!proven) for (const head of content) peer.following.delete(logKey(head));
      if (proven) this.keyExchange.answer(peer);
    }
    this.keyExchange.ask();
  }

  /** Who was put out is told so, and then nothing more. */
  #putOut(peer: SyncPeer): void {
    if (peer.proven || peer.ending !== undefined) return;
    peer.ending = endingOf(this.#options.logs.membership, peer.device);
    if (peer.ending === undefined) return;
    for (const key of peer.ending.keys()) peer.news.add(key);
    peer.endMs = this.#options.now() + farewellMs;
  }

  /** Content is taken of members only; whose it is, membership logs say, and they come first. */
  #takes({ device, log }: LogName): boolean {
    return log === 'membership' || this.#isMember(device) || this.#options.logs.membership.couldWrite(device);
  }

  /** Whether a log that somebody told of is to be had: of a branch that is new here, its entries show whose it is. */
  #wants(name: LogName): boolean {
    const { forks } = this.#options.logs;
    if (name.log === 'membership') return true;
    return this.#isUnknown(name) ? forks.size > 0 : this.#takes({ ...name, device: forks.deviceOf(name) });
  }

  #isUnknown(name: LogName): boolean {
    const { book, membership } = this.#options.logs;
    return book.log(name) === undefined && !membership.hasLog(name.device);
  }

  #isMember(device: DeviceId): boolean {
    return this.#options.logs.membership.rankOf(device) !== undefined;
  }

  /** Heads that this peer may know of. */
  #served(peer: SyncPeer): readonly Head[] {
    if (peer.ending !== undefined) return [...peer.ending.values()];
    const logs = this.#options.logs.book.logs();
    return logs
      .filter((log) => peer.proven || log.log === 'membership')
      .map(({ device, log, seq, hash }) => ({ device, log, seq, hash }));
  }

  #behind(peer: SyncPeer, key: string): boolean {
    const head = peer.heads.get(key);
    if (head === undefined) return false;
    const { book, forks } = this.#options.logs;
    return Math.min(head.seq, forks.endOf(head)) > (book.log(head)?.seq ?? 0) && this.#wants(head);
  }

  /** Somebody has more of a log than we do: whoever it is asked of may not have heard of it. */
  #anyBehind(key: string): boolean {
    return [...this.#peers.values()].some((peer) => this.#behind(peer, key));
  }

  #ask(peer: SyncPeer): void {
    const behind = [...peer.heads.values()].filter((head) => this.#behind(peer, logKey(head)));
    const membership = behind.filter((head) => head.log === 'membership');
    const known = behind.filter((head) => !this.#isUnknown(head));
    for (const head of [membership, known, behind].find((each) => each.length > 0) ?? []) {
      const key = logKey(head);
      if (this.#asked.has(key)) continue;
      this.#asked.set(key, { peer, sinceMs: this.#options.now() });
      this.#sendGet(peer, { device: head.device, log: head.log });
    }
  }

  /** Called when a step is over: membership that came may have opened the way to content. */
  askAll(): void {
    for (const peer of this.#peers.values()) this.#ask(peer);
  }

  #sendGet(peer: SyncPeer, log: LogName): void {
    this.#sendGetAfter(peer, log, this.#options.logs.book.log(log)?.seq ?? 0);
  }

  /** The peer's log and ours part before this place: steps back, further each time, until they are the same. */
  #askEarlier(peer: SyncPeer, name: LogName, seq: number): void {
    const back = peer.parted.get(logKey(name)) ?? 1;
    peer.parted.set(logKey(name), 2 * back);
    this.#sendGetAfter(peer, name, Math.max(0, seq - 1 - back));
  }

  #sendGetAfter(peer: SyncPeer, { device, log }: LogName, after: number): void {
    this.#send(peer, 'control', encodeMessage({ type: 'get', channel: peer.channel, log: { device, log }, after }));
  }

  #serveRun(peer: SyncPeer, name: LogName, after: number, lane: Lane): void {
    const { logs } = this.#options;
    const its = peer.heads.get(logKey(name));
    // Of our own log it may have what we do not: then we begin anew, and nobody needs to see that the log parts.
    if (name.device === logs.device && its !== undefined && logs.book.isOther(its)) return;
    const until = peer.ending === undefined ? undefined : (peer.ending.get(logKey(name))?.seq ?? 0);
    const last = Math.min(logs.book.log(name)?.seq ?? 0, until ?? Number.POSITIVE_INFINITY);
    const run = after < last ? logs.book.run(name, after, runBytesAim, logs.forks.endOf(name), until) : [];
    const end = run.at(-1)?.header.seq ?? after;
    if (run.length > 0) logs.served(name, end);
    const more = end < last && run.length > 0;
    if (more) peer.following.delete(logKey(name));
    else peer.following.set(logKey(name), { sentSeq: end, lane });
    if (run.length > 0) this.#send(peer, lane, encodeRun(peer.channel, run, more));
  }

  /** The peer has what was sent on the catch-up lane: live entries may go ahead of other catching up. */
  #noteArrival(peer: SyncPeer, head: Head): void {
    const followed = peer.following.get(logKey(head));
    if (followed !== undefined && head.seq >= followed.sentSeq) followed.lane = 'control';
  }

  #noteHead(peer: SyncPeer, head: Head): void {
    const key = logKey(head);
    const asked = this.#asked.get(key);
    const expected = asked === undefined || this.#anyBehind(key);
    // What was said before may come after entries on the other lane. No log is cut while its channel is open.
    peer.heads.set(key, newer(peer.heads.get(key), head));
    // The time to wait for whoever was asked begins when there is something to wait for.
    if (!expected && this.#behind(peer, key)) asked.sinceMs = this.#options.now();
    check(peer.heads.size <= folderLogsMax, 'over-limit', 'The other device tells of too many logs.');
    this.#compare(peer, head);
  }

  /** A log grew: what others said they have of it may be another branch of it. */
  #compareOthers(from: SyncPeer, key: string): void {
    for (const peer of this.#peers.values()) {
      const head = peer.heads.get(key);
      if (peer !== from && head !== undefined) this.#compare(peer, head);
    }
  }

  #compare(peer: SyncPeer, head: Head): void {
    const key = logKey(head);
    const entry = this.#options.logs.book.entry(head, head.seq);
    if (entry === undefined || entry.hash === head.hash) return this.#noteArrival(peer, head);
    // A claim is no proof of a fork: the entry itself has to be shown.
    if (!peer.parted.has(key)) peer.parted.set(key, 1);
    this.#sendGetAfter(peer, head, head.seq - 1);
  }

  #sendDigest(peer: SyncPeer): void {
    const served = this.#served(peer);
    const digest = headsDigest(this.#options.crypto, served);
    this.#send(peer, 'control', encodeMessage({ type: 'digest', channel: peer.channel, digest, count: served.length }));
  }

  #sendHeads(peer: SyncPeer, heads: readonly Head[], complete: boolean): void {
    if (complete) peer.sentComplete = true;
    const told = heads.map((head) => ({ head, start: this.#options.logs.book.log(head)?.start ?? 1 }));
    for (const bytes of headsMessages(peer.channel, told, complete)) this.#send(peer, 'control', bytes);
  }

  #send(peer: SyncPeer, lane: Lane, bytes: Uint8Array): void {
    invariant(this.#peers.get(peer.connection) === peer, 'messages go to open channels');
    this.#options.emit({ type: 'send', connection: peer.connection, lane, bytes });
  }
}
