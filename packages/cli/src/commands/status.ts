import { columns } from '../output.js';
import { folderArgument } from '../paths.js';
import { peerRows } from '../peer-rows.js';
import type { Params } from '../rpc/server.js';
import { sizeOf } from '../units.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption },
  options: {},
  examples: [
    ['$0 status', 'of all folders'],
    ['$0 status garden', 'of one'],
  ],
  run: async ({ output, daemon }, args) => {
    const named = textArg(args, 'folder');
    const folder = named === undefined ? undefined : folderArgument(named);
    const status = (await (await daemon()).call('status', { folder })) as {
      readonly folders: readonly Params[];
      readonly peers: readonly Params[];
    };
    output.result(status, () => {
      if (status.folders.length === 0) return ['No folders yet.'];
      const peers = peerRows(status.peers);
      return [...status.folders.map(line), '', ...(peers.length === 0 ? ['Nobody is connected.'] : columns(peers))];
    });
  },
};

function line(folder: Params): string {
  const { name, state, reason, have, want, bytesLeft, conflicts, unsyncable, damaged, missing, local } = folder;
  const parts = [`${String(name)}: ${String(state)}${reason === undefined ? '' : ` (${String(reason)})`}`];
  parts.push(`${String(have)} of ${String(want)} files here`);
  if (Number(bytesLeft) > 0) parts.push(`${sizeOf(Number(bytesLeft))} left`);
  if (Number(conflicts) > 0) parts.push(`${String(conflicts)} conflicts`);
  if (Number(unsyncable) > 0) parts.push(`${String(unsyncable)} that cannot be synced`);
  if (Number(damaged) > 0) parts.push(`${String(damaged)} damaged`);
  if (Number(missing) > 0) parts.push(`${String(missing)} that no device has`);
  if (Number(local) > 0) parts.push(`${String(local)} changed here alone`);
  return parts.join(', ');
}
