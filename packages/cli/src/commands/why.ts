import { entryPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { path: { type: 'string', describe: 'a file or directory in a folder' } },
  options: {},
  examples: [['$0 why garden/plan.txt', 'its state, the reason, and what would change it']],
  run: async ({ output, daemon }, args) => {
    const path = entryPath(textArg(args, 'path') ?? '.');
    const why = (await (await daemon()).call('why', { path })) as Params;
    output.result(why, () => [`${String(why.path)}: ${String(why.state)}. ${String(why.reason ?? '')}`.trim()]);
  },
};
