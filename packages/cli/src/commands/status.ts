import { type Run, withDaemon } from '../arguments.js';
import { columns, sizeOf } from '../output.js';

interface FolderStatus {
  readonly name: string;
  readonly state: string;
  readonly reason?: string;
  readonly have: number;
  readonly want: number;
  readonly bytesLeft: number;
  readonly conflicts: number;
  readonly unsyncable: number;
}

interface Status {
  readonly folders: readonly FolderStatus[];
  readonly peers: readonly { readonly device: string; readonly path: string; readonly address: string; readonly folders: readonly string[] }[];
}

/** Shows what is happening, per folder and peer. */
export const status: Run<{ readonly folder?: string }> = async (args, session) => {
  await withDaemon(session, async (client) => {
    const found = (await client.call('status', { folder: args.folder })) as Status;
    session.output.result(found, () => [
      ...columns(found.folders.map(toCells)),
      ...columns(found.peers.map((peer) => [peer.device.slice(0, 8), peer.path, peer.address, peer.folders.join(', ')])),
    ]);
  });
};

function toCells(folder: FolderStatus): readonly string[] {
  const left = folder.bytesLeft > 0 ? `${sizeOf(folder.bytesLeft)} left` : '';
  const conflicts = folder.conflicts > 0 ? `${folder.conflicts} in conflict` : '';
  const odd = folder.unsyncable > 0 ? `${folder.unsyncable} unsyncable` : '';
  return [folder.name, folder.state, `${folder.have} of ${folder.want}`, [left, conflicts, odd, folder.reason ?? ''].filter(Boolean).join(', ')];
}
