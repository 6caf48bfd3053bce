import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, personOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption, person: personOption },
  options: {},
  examples: [['$0 kick garden 3f9a2c', 'they read nothing that is written from now on; what they have, they keep']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const out = (await (await daemon()).call('kick', { folder, person: textArg(args, 'person') })) as Params;
    const others = (out.alsoOut as readonly string[]).map((person) => person.slice(0, 8));
    output.result(out, () => [
      `${String(out.person).slice(0, 8)} is no member any more.`,
      ...(others.length === 0 ? [] : [`So are those whom only they had let in: ${others.join(', ')}.`]),
    ]);
  },
};
