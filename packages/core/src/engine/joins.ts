import { equalBytes } from '../bytes.js';
import { type Crypto, signDomain, verifyDomain } from '../crypto/index.js';
import { CloudlessError, check, invariant } from '../errors.js';
import { joinEntry } from '../membership/index.js';
import {
  admittedContext,
  codeId,
  codePsk,
  deviceIdBytes,
  type FolderId,
  freshDeviceKeys,
  freshPersonKeys,
  joinContext,
  type MemberKeys,
  type MessageOf,
  memberKeysOf,
  parseCode,
} from '../model/index.js';
import type { Connections, Link } from './connections.js';
import type { Door, Effect } from './effects.js';
import type { FolderEngine } from './folder.js';
import type { FolderRow, Home, JoinRow } from './home.js';
import { checkName, refusal } from './join-answers.js';
import { type Joining, type JoinOutcome, pauseOf } from './joining.js';
import type { SeededRandom } from './random.js';

const dialTimeoutMs = 10_000;

export interface JoinsOptions {
  readonly crypto: Crypto;
  readonly random: SeededRandom;
  readonly home: Home;
  readonly connections: Connections;
  now(): number;
  emit(effect: Effect): void;
  newDial(): number;
  folder(id: FolderId): FolderEngine | undefined;
  /** Makes the engine of a folder that is being joined; kept for good by `keep`, taken back by `drop`. */
  attach(row: FolderRow): FolderEngine;
  keep(folder: FolderEngine): void;
  drop(folder: FolderId): void;
  /** Makes the directory of a folder, or says why it can't be. */
  prepareRoot(path: string, folder: FolderId, done: (outcome: string | CloudlessError) => void): void;
}

/** Joining with a code: the joiner's side (`spec/02 §5`, `spec/11 §6`); `Codes` is the maker's. */
export class Joins {
  readonly #options: JoinsOptions;
  readonly #joining = new Map<string, Joining>();

  constructor(options: JoinsOptions) {
    this.#options = options;
    for (const row of options.home.joins()) this.#begin(row, undefined);
  }

  /** Begins to join. The root was checked and does not lie in another folder. */
  join(
    text: string,
    place: { readonly root: string | undefined; readonly parent: string },
    giveUpMs: number,
    settle: (outcome: JoinOutcome | CloudlessError) => void,
  ): void {
    const { crypto, random, home } = this.#options;
    const { invitation } = parseCode(text);
    check(invitation.type === 'code', 'not-supported', 'Access secrets are not honoured yet; ask for a code.');
    const unknown = 'No device is known that could honour this code: use the link, which says where its maker is.';
    check(invitation.addresses.length > 0, 'unreachable', unknown);
    const id = codeId(crypto, invitation.secret);
    check(!this.#joining.has(id), 'busy', 'This code is being used already on this device.');
    const device = freshDeviceKeys((n) => random.bytes(n));
    const person = freshPersonKeys((n) => random.bytes(n));
    const row: JoinRow = {
      codeId: id,
      secret: invitation.secret,
      addresses: invitation.addresses,
      makerDevice: invitation.maker === undefined ? undefined : deviceIdBytes(invitation.maker),
      ...place,
      ...device,
      personSignSeed: person.signSeed,
      personBoxSecret: person.boxSecret,
      giveUpMs,
    };
    home.putJoin(row);
    this.#begin(row, settle);
  }

  connected(link: Link, dial: number | undefined): void {
    if (link.via.kind !== 'code' || !link.initiator) return;
    const joining = this.#joining.get(link.via.codeId);
    if (joining === undefined || joining.dial !== dial)
      return this.#options.emit({ type: 'close', connection: link.connection, reason: 'not joining' });
    joining.dial = undefined;
    joining.link = link;
    const keys = this.#keysOf(joining.row);
    const context = joinContext(link.handshakeHash, keys);
    const proof = signDomain(this.#options.crypto, joining.row.deviceSeed, 'join', context);
    this.#options.connections.send(link, 'control', { type: 'join', keys, proof });
  }

  dialFailed(dial: number, reason: string): void {
    for (const joining of this.#joining.values()) {
      if (joining.dial !== dial) continue;
      joining.dial = undefined;
      joining.tried = reason;
      joining.nextDialMs = this.#options.now() + pauseOf(joining);
    }
  }

  closed(link: Link): void {
    for (const joining of this.#joining.values()) {
      if (joining.link !== link) continue;
      joining.link = undefined;
      joining.nextDialMs = this.#options.now() + pauseOf(joining);
    }
  }

  /** What the maker answers. Throws what it did wrong. */
  message(link: Link, message: MessageOf<'admitted'> | MessageOf<'refused'>): void {
    const joining = [...this.#joining.values()].find((each) => each.link === link);
    check(joining !== undefined, 'protocol', 'An answer to a join that was not asked.');
    if (message.type === 'refused') return this.#finish(joining, refusal(message.reason));
    this.#admitted(joining, link, message);
  }

  /** Called when entries of a folder came in: does it let us in by now? */
  folderChanged(id: FolderId): void {
    for (const joining of this.#joining.values()) if (joining.admitted?.folder === id) this.#countersign(joining);
  }

  clockWentBack(byMs: number): void {
    for (const joining of this.#joining.values()) {
      joining.nextDialMs -= byMs;
      joining.giveUpMs -= byMs;
    }
  }

  wake(nowMs: number): void {
    for (const joining of this.#joining.values()) {
      if (nowMs >= joining.giveUpMs) this.#giveUp(joining);
      else if (joining.link === undefined && joining.dial === undefined && nowMs >= joining.nextDialMs)
        this.#dial(joining);
    }
  }

  nextWake(): number | undefined {
    const times = [...this.#joining.values()].map((joining) => {
      const idle = joining.link === undefined && joining.dial === undefined;
      return idle ? Math.min(joining.nextDialMs, joining.giveUpMs) : joining.giveUpMs;
    });
    const wake = Math.min(...times);
    return Number.isFinite(wake) ? wake : undefined;
  }

  #begin(row: JoinRow, settle: Joining['settle']): void {
    const nextDialMs = this.#options.now();
    const kept = this.#options.home.folders().find((folder) => equalBytes(folder.deviceSeed, row.deviceSeed));
    this.#joining.set(row.codeId, {
      row,
      giveUpMs: kept === undefined ? row.giveUpMs : Number.POSITIVE_INFINITY,
      settle,
      dial: undefined,
      nextDialMs,
      tried: '',
      link: undefined,
      admitted: undefined,
      root: kept?.root ?? row.root,
      rootReady: kept !== undefined,
      kept: kept !== undefined,
    });
  }

  #dial(joining: Joining): void {
    const { row } = joining;
    joining.dial = this.#options.newDial();
    const door: Door = {
      via: { kind: 'code', codeId: row.codeId },
      psk: codePsk(this.#options.crypto, row.secret),
      staticSecret: row.agreementSecret,
    };
    const timeoutMs = Math.min(dialTimeoutMs, Math.max(1, joining.giveUpMs - this.#options.now()));
    this.#options.emit({ type: 'dial', dial: joining.dial, addresses: row.addresses, door, timeoutMs });
  }

  /** The joiner's side: the maker says that we are in; its logs have to show it. */
  #admitted(joining: Joining, link: Link, message: MessageOf<'admitted'>): void {
    const { crypto } = this.#options;
    const context = admittedContext(link.handshakeHash, message.folder, message.device, message.admit);
    const key = deviceIdBytes(message.device);
    check(
      verifyDomain(crypto, key, message.signature, 'admitted', context),
      'bad-signature',
      'Who answers could not prove its key.',
    );
    const { makerDevice, parent } = joining.row;
    const other = makerDevice !== undefined && !equalBytes(makerDevice, key);
    check(!other, 'bad-key', 'Another device than the maker of this link answers.');
    const { folder, name } = message;
    if (joining.row.root === undefined) checkName(name);
    const present = this.#options.folder(folder);
    if (present !== undefined && present.device !== this.#keysOf(joining.row).device) {
      const exists = `This device has that folder already, as "${present.row.name}".`;
      return this.#finish(joining, new CloudlessError('exists', exists));
    }
    const again = joining.admitted;
    check(again === undefined || again.folder === folder, 'protocol', 'A code lets into one folder.');
    joining.admitted = message;
    if (present !== undefined) return this.#countersign(joining);
    const root = joining.row.root ?? `${parent}/${name}`;
    joining.root = root;
    this.#options.attach({ ...joining.row, folder, name, kind: 'files', root, viewStreams: [] });
    this.#options.prepareRoot(root, folder, (outcome) => {
      if (this.#joining.get(joining.row.codeId) !== joining) return;
      if (outcome instanceof CloudlessError) return this.#finish(joining, outcome);
      joining.rootReady = true;
      this.#countersign(joining);
    });
  }

  /** Once the membership logs show our admit, by the device that answers, the first own entry makes it count. */
  #countersign(joining: Joining): void {
    const { crypto } = this.#options;
    const { admitted, row } = joining;
    const folder = admitted === undefined ? undefined : this.#options.folder(admitted.folder);
    if (admitted === undefined || folder === undefined || !joining.rootReady) return;
    const { membership } = folder.logs;
    if (membership.rankOf(folder.device) === undefined) {
      const invited = membership.invited.find(
        (each) => each.admit === admitted.admit && each.keys.device === folder.device,
      );
      if (invited === undefined || invited.by !== admitted.device) return;
      const person = { signSeed: row.personSignSeed, boxSecret: row.personBoxSecret };
      const join = { admit: admitted.admit };
      folder.appendMembership((place) => joinEntry(crypto, row, person, { ...place, ...join }), admitted.device);
    }
    if (!joining.kept) this.#keep(joining, folder);
    if (folder.logs.current() === undefined && admitted.rank !== 'store') return;
    this.#finish(joining, { folder: folder.folder, name: admitted.name, root: joining.root, rank: admitted.rank });
  }

  /** We are in: the folder is ours from now on, even if its key comes only with another connection. */
  #keep(joining: Joining, folder: FolderEngine): void {
    const { genesis } = folder.logs.membership;
    invariant(genesis !== undefined, 'a member knows the genesis');
    joining.kept = true;
    folder.row = { ...folder.row, kind: genesis.kind };
    this.#options.home.putFolder(folder.row);
    this.#options.keep(folder);
  }

  #finish(joining: Joining, outcome: JoinOutcome | CloudlessError): void {
    this.#joining.delete(joining.row.codeId);
    this.#options.home.removeJoin(joining.row.codeId);
    if (outcome instanceof CloudlessError) {
      if (joining.admitted !== undefined) this.#options.drop(joining.admitted.folder);
      if (joining.link !== undefined)
        this.#options.emit({ type: 'close', connection: joining.link.connection, reason: 'join ended' });
    }
    joining.settle?.(outcome);
  }

  /** Who waits is told. A member goes on asking for the key, as nothing else leads to it. */
  #giveUp(joining: Joining): void {
    if (!joining.kept) return this.#finish(joining, this.#gaveUp(joining));
    joining.giveUpMs = Number.POSITIVE_INFINITY;
    joining.settle?.(new CloudlessError('timeout', 'This device is a member; the key comes once the other is online.'));
    joining.settle = undefined;
  }

  #gaveUp(joining: Joining): CloudlessError {
    const tried = `${joining.row.addresses.join(', ')} (${joining.tried || 'no answer'})`;
    const message = `Nobody honoured this code in time: tried ${tried}. Is the other device online?`;
    return new CloudlessError('timeout', message);
  }

  #keysOf(row: JoinRow): MemberKeys {
    return memberKeysOf(this.#options.crypto, row, { signSeed: row.personSignSeed, boxSecret: row.personBoxSecret });
  }
}
