import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

/** `pause` and `resume`: one method each, the same arguments. */
export function pausing(method: 'pause' | 'resume', examples: CommandModule['examples']): CommandModule {
  return {
    positionals: { folder: folderOption },
    options: {},
    examples,
    run: async ({ output, daemon }, args) => {
      const named = textArg(args, 'folder');
      const folder = named === undefined ? undefined : folderArgument(named);
      const rows = (await (await daemon()).call(method, { folder })) as readonly Params[];
      output.result(rows, () => {
        if (rows.length === 0) return ['No folders yet.'];
        return rows.map(({ name, state }) => `${String(name)}: ${String(state)}`);
      });
    },
  };
}
