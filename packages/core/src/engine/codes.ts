import { equalBytes, fromHex } from '../bytes.js';
import { type Crypto, signDomain, verifyDomain } from '../crypto/index.js';
import { CloudlessError, check, invariant } from '../errors.js';
import { admitEntry } from '../membership/index.js';
import {
  admittedContext,
  checkCodeLife,
  checkMemberKeys,
  codeId,
  codePsk,
  deviceIdBytes,
  type EntryHash,
  type FolderId,
  isCodeForgotten,
  isCodeOpen,
  joinContext,
  type MemberKeys,
  type MessageOf,
  type Rank,
  type RefusalReason,
  refusalReasons,
  sameMemberKeys,
} from '../model/index.js';
import type { Connections, Link } from './connections.js';
import type { Door } from './effects.js';
import type { FolderEngine } from './folder.js';
import type { CodeRow, Home } from './home.js';
import type { SeededRandom } from './random.js';

export interface CodesOptions {
  readonly crypto: Crypto;
  readonly random: SeededRandom;
  readonly home: Home;
  readonly connections: Connections;
  now(): number;
  folder(id: FolderId): FolderEngine | undefined;
  /** Codes came or went. */
  doorsChanged(): void;
}

/** A thousand years: the longest that a code or a membership can be told to last. */
const lifeMsMax = 31_557_600_000_000;

const reasons: Readonly<Partial<Record<string, RefusalReason>>> = {
  'code-used': 'used',
  'code-revoked': 'revoked',
  'code-expired': 'expired',
};

/** Codes of this device: making and honouring them (`spec/02 §5`, `spec/11 §6`). */
export class Codes {
  readonly #options: CodesOptions;

  constructor(options: CodesOptions) {
    this.#options = options;
  }

  /** Makes a single-use code for a folder; `memberMs` is how long the membership lasts that it gives. */
  make(folder: FolderEngine, rank: Rank, ttlMs: number, memberMs?: number | undefined): CodeRow {
    const { crypto, random, home } = this.#options;
    const allowed = folder.logs.membership.mayInvite(folder.device, rank);
    check(allowed, 'not-allowed', 'Your level in this folder does not allow inviting at that level.');
    for (const life of [ttlMs, memberMs ?? ttlMs])
      check(life > 0 && life <= lifeMsMax, 'usage', 'A code and a membership last from 1 ms to a thousand years.');
    const secret = random.bytes(16);
    const madeMs = this.#options.now();
    const id = codeId(crypto, secret);
    const row = {
      codeId: id,
      folder: folder.folder,
      secret,
      rank,
      madeMs,
      expiresMs: madeMs + ttlMs,
      memberMs,
      usedBy: undefined,
      usedMs: undefined,
    };
    home.putCode(row);
    this.#options.doorsChanged();
    return row;
  }

  /** Codes for a folder that still let somebody in, the first made first. */
  open(folder: FolderId): readonly CodeRow[] {
    const now = this.#options.now();
    const codes = this.#options.home.codes().filter((code) => code.folder === folder && isCodeOpen(code, now));
    return codes.toSorted((a, b) => a.madeMs - b.madeMs || (a.codeId < b.codeId ? -1 : 1));
  }

  /** Takes an open code back: it lets nobody in any more, and who comes with it is told so. */
  revoke(code: CodeRow): void {
    this.#options.home.putCode({ ...code, revokedMs: this.#options.now() });
  }

  /** Forgets codes whose time to be remembered is over. */
  purge(): void {
    const { home } = this.#options;
    for (const code of home.codes()) if (isCodeForgotten(code, this.#options.now())) home.removeCode(code.codeId);
  }

  /** Doors of all codes that are remembered: burnt, revoked and expired ones too, to say that they are. */
  doors(): readonly Door[] {
    return this.#options.home.codes().flatMap((code) => {
      const folder = this.#options.folder(code.folder);
      if (folder === undefined || folder.paused) return [];
      const via = { kind: 'code', codeId: code.codeId } as const;
      return [{ via, psk: codePsk(this.#options.crypto, code.secret), staticSecret: folder.row.agreementSecret }];
    });
  }

  /** Somebody has a code: burns it and writes the admit, in that order on disk, before anything leaves. */
  honour(link: Link, message: MessageOf<'join'>): void {
    const { crypto, home } = this.#options;
    check(link.via.kind === 'code' && !link.initiator, 'protocol', 'Only who has a code asks to join.');
    const code = home.code(link.via.codeId);
    const folder = code === undefined ? undefined : this.#options.folder(code.folder);
    const { keys } = message;
    checkMemberKeys(crypto, keys);
    const device = deviceIdBytes(keys.device);
    check(
      verifyDomain(crypto, device, message.proof, 'join', joinContext(link.handshakeHash, keys)),
      'bad-signature',
      'The joiner could not prove its key.',
    );
    check(
      equalBytes(keys.agreement, link.remoteStatic),
      'bad-key',
      'The joiner connects with another key than it names.',
    );
    if (code === undefined || folder === undefined) return this.#refuse(link, 'unknown');
    const again = code.usedBy !== undefined && equalBytes(code.usedBy, device);
    const reason = again ? undefined : this.#lifeOf(code);
    if (reason !== undefined) return this.#refuse(link, reason);
    if (!folder.logs.membership.mayInvite(folder.device, code.rank)) return this.#refuse(link, 'not-allowed');
    home.putCode({ ...code, usedBy: device, usedMs: this.#options.now() });
    this.#admit(link, folder, code, keys);
  }

  #admit(link: Link, folder: FolderEngine, code: CodeRow, keys: MemberKeys): void {
    const { crypto, connections } = this.#options;
    const known = this.#admitOf(folder, keys);
    const { rank, memberMs } = code;
    const expiresMs = memberMs === undefined ? undefined : this.#options.now() + memberMs;
    const record = { keys, rank, via: fromHex(code.codeId), expiresMs };
    const admit = known ?? folder.appendMembership((place) => admitEntry(crypto, folder.row, place, record)).hash;
    const signature = signDomain(
      crypto,
      folder.row.deviceSeed,
      'admitted',
      admittedContext(link.handshakeHash, folder.folder, folder.device, admit),
    );
    connections.send(link, 'control', {
      type: 'admitted',
      folder: folder.folder,
      admit,
      rank: code.rank,
      device: folder.device,
      name: folder.row.name,
      signature,
    });
    connections.prove(link, folder);
  }

  #admitOf(folder: FolderEngine, keys: MemberKeys): EntryHash | undefined {
    const { membership } = folder.logs;
    return (
      membership.memberOf(keys.device)?.admit ??
      membership.invited.find((each) => sameMemberKeys(each.keys, keys))?.admit
    );
  }

  #lifeOf(code: CodeRow): RefusalReason | undefined {
    try {
      checkCodeLife(code, this.#options.now());
      return undefined;
    } catch (error) {
      invariant(error instanceof CloudlessError, 'a code is refused with a reason');
      return reasons[error.code] ?? 'unknown';
    }
  }

  #refuse(link: Link, reason: RefusalReason): void {
    this.#options.connections.send(link, 'control', { type: 'refused', reason: refusalReasons.indexOf(reason) });
  }
}
