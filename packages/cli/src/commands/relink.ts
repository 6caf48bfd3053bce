import { folderArgument, realPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption, path: { type: 'string', describe: 'where its directory is now' } },
  options: { merge: { type: 'boolean', describe: 'merge what is there, whatever it is; nothing is deleted' } },
  examples: [
    ['$0 relink garden ~/moved/garden', 'after "mv ~/garden ~/moved/garden"'],
    ['$0 relink garden ~/garden --merge', 'when its private directory was lost, or a copy is to take its place'],
  ],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const path = realPath(textArg(args, 'path') ?? '.');
    const client = await daemon();
    const {
      folder: id,
      name,
      path: at,
      state,
    } = (await client.call('relink', { folder, path, merge: args.merge })) as Params;
    output.result({ folder: id, name, path: at, state }, () => [`${String(name)} is at ${String(at)} now.`]);
  },
};
