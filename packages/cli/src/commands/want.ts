import { folderArgument } from '../paths.js';
import { type CommandModule, folderOption, listArg, textArg } from './command.js';

export const command: CommandModule = {
  positionals: {
    folder: folderOption,
    patterns: { type: 'string', array: true, describe: 'as in .gitignore; none: lists what is wanted' },
  },
  options: { remove: { type: 'boolean', describe: 'wants them no longer' } },
  examples: [
    ['$0 want garden photos/2024', 'this device holds that alone, what it has already stays'],
    ['$0 want garden --remove photos/2024', 'and without it everything again'],
  ],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const patterns = listArg(args, 'patterns');
    const rules = (await (await daemon()).call('want', { folder, remove: args.remove === true, patterns })) as {
      readonly want: readonly string[];
    };
    output.result(rules, () => (rules.want.length === 0 ? ['Everything is wanted.'] : rules.want));
  },
};
