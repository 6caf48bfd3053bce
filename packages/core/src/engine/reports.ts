import { compareBytes } from '../bytes.js';
import type { Ending } from '../membership/index.js';
import type { Rank } from '../model/index.js';
import type { Level } from './commands.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';
import type { TreeStatus } from './tree/index.js';

/** The CLI's word for a rank; owners count as admins. */
export function levelOf(rank: Rank | undefined): Level {
  if (rank === 'owner' || rank === 'admin') return 'admin';
  return rank === 'writer' ? 'write' : rank === 'store' ? 'store' : 'read';
}

/** A line of `folders`. */
export function describeFolder(folder: FolderEngine): Readonly<Record<string, unknown>> {
  const status = folder.tree?.status();
  return {
    folder: folder.folder,
    name: folder.row.name,
    kind: folder.row.kind,
    path: folder.row.root ?? null,
    level: levelOf(folder.logs.membership.rankOf(folder.device)),
    state: folder.state(),
    files: status?.files ?? 0,
    bytes: status?.bytes ?? 0,
    peers: folder.sync.peers().filter((peer) => peer.proven).length,
  };
}

/** A folder in `status`. */
export function describeStatus(folder: FolderEngine): Readonly<Record<string, unknown>> {
  const status = folder.tree?.status();
  const waiting = folder.logs.waiting();
  return {
    folder: folder.folder,
    name: folder.row.name,
    path: folder.row.root ?? null,
    state: folder.state(),
    ...reasonOf(folder),
    have: status?.have ?? 0,
    want: status?.want ?? 0,
    member: folder.ending === undefined,
    bytesLeft: status?.bytesLeft ?? 0,
    conflicts: status?.conflicts ?? 0,
    unsyncable: status?.unsyncable ?? 0,
    damaged: status?.damaged ?? 0,
    missing: status?.missing ?? 0,
    local: status?.local ?? 0,
    brake: describeBrake(status),
    fingerprint: status?.fingerprint ?? null,
    ...(waiting.length === 0 ? {} : { logsWaiting: waiting }),
  };
}

function reasonOf(folder: FolderEngine): { readonly reason?: string } {
  const { ending } = folder;
  if (ending !== undefined) return { reason: endingText(folder, ending) };
  if (folder.paused) return { reason: 'it is paused; "resume" goes on with it' };
  const reason = folder.tree?.status().reason;
  return reason === undefined ? {} : { reason };
}

function endingText({ logs: { membership } }: FolderEngine, { by, how }: Ending): string {
  if (how === 'left') return 'this device left the folder; its files stay as they are';
  const person = membership.memberOf(by)?.person ?? by;
  return `no longer a member: removed by ${person.slice(0, 8)}; its files stay as they are, and are synced no more`;
}

/** What waits for a person, and why. */
function describeBrake(status: TreeStatus | undefined): Readonly<Record<string, unknown>> | null {
  if (status === undefined || status.holds.length === 0) return null;
  const since = Math.min(...status.holds.map(({ sinceMs }) => sinceMs));
  return {
    since: new Date(since).toISOString(),
    reason: status.reason,
    holds: status.holds.map(({ side, device, sinceMs, deletes, overwrites, conflicts, forgotten, files }) => {
      const since = new Date(sinceMs).toISOString();
      return { side, device, since, deletes, overwrites, conflicts, forgotten, files };
    }),
  };
}

/** Connected devices, a row each, with the folders open on the connection. */
export function describePeers(device: DeviceEngine): readonly Readonly<Record<string, unknown>>[] {
  const links = device.connections.all().filter((link) => link.proved.size > 0);
  const sorted = [...links].sort((a, b) => compareBytes(a.handshakeHash, b.handshakeHash));
  return sorted.map((link) => {
    const [first] = link.proved;
    const member = first === undefined ? undefined : device.folder(first[0])?.logs.membership.memberOf(first[1]);
    return {
      device: first?.[1] ?? '',
      person: member?.person ?? '',
      path: link.path,
      address: link.address,
      rttMs: link.rttMs ?? null,
      in: link.bytesIn,
      out: link.bytesOut,
      folders: [...link.proved.keys()].map((id) => device.folder(id)?.row.name ?? id),
    };
  });
}

/** What `doctor` says of a folder in which it found these files damaged. */
export function folderHealth(
  folder: FolderEngine,
  found: readonly string[],
): { readonly ok: boolean; readonly detail: string } {
  const { stopped } = folder.logs.membership;
  if (stopped !== undefined) return { ok: false, detail: 'holds membership records that this version does not know' };
  const status = folder.tree?.status();
  const bad = found.length + (status?.damaged ?? 0) > 0 || status?.state === 'stopped' || status?.state === 'error';
  const moved = status === undefined || status.movedMs === 0 ? '' : movedDetail(status.movedMs);
  return { ok: !bad, detail: `${status?.reason ?? folder.state()}${moved}${folder.tree?.diskReport(found) ?? ''}` };
}

function movedDetail(movedMs: number): string {
  const when = new Date(movedMs).toISOString();
  return `; on ${when} its directory was another one, with the same token: all was looked at`;
}
