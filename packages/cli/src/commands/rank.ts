import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, personOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: {
    folder: folderOption,
    person: personOption,
    level: { type: 'string', describe: 'what they may do', choices: ['admin', 'write', 'read', 'store'] },
  },
  options: {},
  examples: [['$0 rank garden 3f9a2c read', 'from now on they only read']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const [person, level] = [textArg(args, 'person'), textArg(args, 'level')];
    const ranked = (await (await daemon()).call('rank', { folder, person, level })) as Params;
    output.result(ranked, () => [
      `${String(ranked.person).slice(0, 8)}: ${String(ranked.level)}, before ${String(ranked.before)}.`,
    ]);
  },
};
