import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption },
  options: {},
  examples: [['$0 codes garden', 'the codes made here that still let somebody in']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const codes = (await (await daemon()).call('codes', { folder })) as readonly Params[];
    output.result(codes, () => (codes.length === 0 ? ['No open codes were made here.'] : codes.map(codeLine)));
  },
};

function codeLine({ id, level, expires }: Params): string {
  return `${String(id)}  ${String(level).padEnd(5)}  until ${new Date(String(expires)).toLocaleString()}`;
}
