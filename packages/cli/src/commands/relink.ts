import { folderArgument, realPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption, path: { type: 'string', describe: 'where its directory is now' } },
  options: {},
  examples: [['$0 relink garden ~/moved/garden', 'after "mv ~/garden ~/moved/garden"']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const path = realPath(textArg(args, 'path') ?? '.');
    const client = await daemon();
    const { folder: id, name, path: at, state } = (await client.call('relink', { folder, path })) as Params;
    output.result({ folder: id, name, path: at, state }, () => [`${String(name)} is at ${String(at)} now.`]);
  },
};
