import { columns } from '../output.js';
import { peerRows } from '../peer-rows.js';
import type { Params } from '../rpc/server.js';
import type { CommandModule } from './command.js';

export const command: CommandModule = {
  positionals: {},
  options: {},
  examples: [['$0 peers', 'who is connected, and how']],
  run: async ({ output, daemon }) => {
    const peers = (await (await daemon()).call('peers')) as readonly Params[];
    output.result(peers, () => (peers.length === 0 ? ['Nobody is connected.'] : columns(peerRows(peers))));
  },
};
