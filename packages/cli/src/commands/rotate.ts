import { Failure } from '../failure.js';
import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption },
  options: { content: { type: 'boolean', describe: 'new keys for the content of files too' } },
  examples: [['$0 rotate garden', 'a new key for what is written from now on; once a day']],
  run: async ({ output, daemon }, args) => {
    if (args.content === true) throw new Failure('unsupported', 'There are no new keys for content yet.');
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const made = (await (await daemon()).call('rotate', { folder })) as Params;
    output.result(made, () => ['What is written from now on is under a new key.']);
  },
};
