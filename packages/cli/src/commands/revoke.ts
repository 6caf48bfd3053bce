import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption, code: { type: 'string', describe: 'the id of the code, or its beginning' } },
  options: {},
  examples: [['$0 revoke garden 3f9a', 'nobody gets in any more with the code of that id; "codes" lists them']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const revoked = (await (await daemon()).call('revoke', { folder, code: textArg(args, 'code') })) as Params;
    output.result(revoked, () => [`Revoked: ${String(revoked.id)}.`]);
  },
};
