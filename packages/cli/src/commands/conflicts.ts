import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { sizeOf } from '../units.js';
import { type CommandModule, folderOption, textArg } from './command.js';

interface Conflict {
  readonly path: string;
  readonly copies: readonly Params[];
}

export const command: CommandModule = {
  positionals: { folder: folderOption },
  options: {},
  examples: [
    ['$0 conflicts', 'all paths with conflict copies'],
    ['$0 conflicts garden', 'of one folder'],
  ],
  run: async ({ output, daemon }, args) => {
    const named = textArg(args, 'folder');
    const folder = named === undefined ? undefined : folderArgument(named);
    const conflicts = (await (await daemon()).call('conflicts', { folder })) as readonly Conflict[];
    output.result(conflicts, () => {
      if (conflicts.length === 0) return ['No conflicts.'];
      return conflicts.flatMap(({ path, copies }) => [path, ...copies.map(copyLine)]);
    });
  },
};

function copyLine({ path, size, time, device }: Params): string {
  return `  ${String(path)}  (${sizeOf(Number(size))}, ${String(time)}, ${String(device).slice(0, 12)})`;
}
