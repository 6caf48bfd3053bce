import type { FolderState } from '../commands.js';
import type { Brake } from './brake/brake.js';
import type { Hold } from './brake/brake-text.js';
import type { TreeCore } from './core.js';
import type { LocalChanges } from './disk/local.js';
import type { Rot } from './disk/rot.js';
import type { Scanner } from './disk/scan.js';
import type { Transfers } from './fetch/transfers.js';
import type { Applier } from './remote.js';
import type { RuleBook } from './rules/rule-book.js';
import { damageText } from './why.js';

/** How a folder's files stand. */
export interface TreeStatus {
  readonly state: FolderState;
  /** Files that are here as they should be. */
  readonly have: number;
  /** Files that should be here. */
  readonly want: number;
  /** Of content that is to come. */
  readonly bytesLeft: number;
  readonly files: number;
  readonly bytes: number;
  /** Paths with conflict copies. */
  readonly conflicts: number;
  readonly unsyncable: number;
  /** Files whose bytes the disk lost. */
  readonly damaged: number;
  /** Files of which every member said not to have the content. */
  readonly missing: number;
  /** Paths that were changed by this device, which may not write: nobody is told. */
  readonly local: number;
  /** Hex; equal on devices that show the same. */
  readonly fingerprint: string;
  /** What waits for a person because it was so much at once; empty otherwise. */
  readonly holds: readonly Hold[];
  /** For a person, where there is something to say. */
  readonly reason?: string | undefined;
  /** When the root was last found to be another directory with the same token, Unix ms; 0 for never. */
  readonly movedMs: number;
}

/** What a folder's status is made of. */
export interface StatusParts {
  readonly scanner: Scanner;
  readonly rot: Rot;
  readonly brake: Brake;
  readonly local: LocalChanges;
  readonly transfers: Transfers;
  readonly applier: Applier;
  readonly rules: RuleBook;
  readonly movedMs: number;
  /** Nobody has told yet what the folder has. */
  readonly isUnheard: boolean;
  /** Nothing is pending. */
  readonly isSettled: boolean;
}

export function statusOf(core: TreeCore, parts: StatusParts): TreeStatus {
  const { tables, versions } = core;
  const { transfers, brake, movedMs } = parts;
  const files = core.total('files') - core.total('aside-files');
  const reason = reasonOf(core, parts);
  return {
    state: stateOf(core, parts),
    have: files,
    want: files + tables.count('need'),
    bytesLeft: transfers.bytesLeft,
    files,
    bytes: core.total('bytes') - core.total('aside-bytes'),
    conflicts: versions.conflicts(),
    unsyncable: core.unsyncable.size + core.unnameable.size,
    damaged: core.total('damaged'),
    missing: transfers.shelf.counts.lost,
    local: tables.count('unrecorded'),
    fingerprint: versions.fingerprint(),
    movedMs,
    holds: brake.holds(),
    ...(reason === undefined ? {} : { reason }),
  };
}

function stateOf(core: TreeCore, parts: StatusParts): FolderState {
  const { scanner, brake, local, transfers, applier, rules, isUnheard, isSettled } = parts;
  if (core.stopped !== undefined) return 'stopped';
  if (applier.trouble !== undefined) return 'error';
  if (brake.held > 0) return 'braked';
  if (!scanner.complete || scanner.scanningAll || !rules.isSettled) return 'scanning';
  if (isUnheard) return 'waiting';
  if (isSettled) return 'inStep';
  const busy = core.tables.count('dirty') > 0 || !local.idle || !applier.idle || !scanner.calm;
  if (busy || core.retrying > 0 || !brake.idle) return 'syncing';
  const { resting } = transfers.shelf.counts;
  const isAll = resting > 0 && resting === core.tables.count('need');
  return isAll || core.context.holders().length === 0 ? 'waiting' : 'syncing';
}

function reasonOf(
  core: TreeCore,
  { scanner, rot, brake, transfers, applier, rules, isUnheard }: StatusParts,
): string | undefined {
  const isAlone = core.context.holders().length === 0;
  if (core.stopped !== undefined) return core.stopped;
  if (applier.trouble !== undefined) return applier.trouble;
  if (brake.held > 0) return brake.reason();
  if (isUnheard) return 'What the folder has is not known yet: it goes on once a member was heard.';
  const damaged = core.total('damaged');
  if (damaged > 0) return damageText(rot.damaged(1)[0] ?? '', damaged, !isAlone);
  const local = core.tables.count('unrecorded');
  if (local > 0) return `${local} changed here by a device that may not write: they are kept and not shared.`;
  const needs = core.tables.count('need');
  if (needs > 0 && isAlone)
    return `The content of ${needs} files is not here, and nobody is connected who may have it.`;
  const shortage = transfers.shelf.reason();
  if (shortage !== undefined) return shortage;
  if (rules.trouble !== undefined) return rules.trouble;
  const [trouble] = core.troubles;
  return trouble === undefined ? scanner.blindness : `${trouble[0]}: ${trouble[1].reason}`;
}
