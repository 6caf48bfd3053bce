import { folderArgument } from '../paths.js';
import { type CommandModule, folderOption, listArg, textArg } from './command.js';

interface Rules {
  readonly shared: readonly string[];
  readonly local: readonly string[];
}

export const command: CommandModule = {
  positionals: {
    folder: folderOption,
    patterns: { type: 'string', array: true, describe: 'as in .gitignore; none: lists what is ignored' },
  },
  options: {
    local: { type: 'boolean', describe: 'on this device alone' },
    remove: { type: 'boolean', describe: 'ignores them no longer' },
  },
  examples: [
    ['$0 ignore garden build/ "*.tmp"', 'nobody syncs these from now on; what is there stays'],
    ['$0 ignore garden --local videos/', 'not on this device'],
    ['$0 ignore garden', 'what is ignored'],
  ],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const patterns = listArg(args, 'patterns');
    const [local, remove] = [args.local === true, args.remove === true];
    const rules = (await (await daemon()).call('ignore', { folder, local, remove, patterns })) as Rules;
    output.result(rules, () => {
      const lines = [...rules.shared, ...rules.local.map((pattern) => `${pattern}  (this device)`)];
      return lines.length === 0 ? ['Nothing is ignored.'] : lines;
    });
  },
};
