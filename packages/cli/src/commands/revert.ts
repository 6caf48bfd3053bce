import { entryPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, listArg } from './command.js';

export const command: CommandModule = {
  positionals: { paths: { type: 'string', array: true, describe: 'files or directories in a folder, or the folder' } },
  options: {},
  examples: [
    ['$0 revert garden/plan.txt', 'it becomes what the others have; yours is in the archive'],
    ['$0 revert garden', 'the same for all that you changed there'],
  ],
  run: async ({ output, daemon }, args) => {
    const paths = listArg(args, 'paths').map(entryPath);
    const result = (await (await daemon()).call('revert', { paths })) as Params;
    const what = result.reverted === 1 ? '1 change is' : `${String(result.reverted)} changes are`;
    output.result(result, () => [`${what} taken back; what was here goes to the archive.`]);
  },
};
