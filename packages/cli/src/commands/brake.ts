import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

const kinds = ['deletes', 'overwrites', 'conflicts', 'forgotten'] as const;

/** A command that answers what the brake asks. */
export function answerCommand(
  method: 'approve' | 'reject',
  word: string,
  examples: CommandModule['examples'],
): CommandModule {
  return {
    positionals: { folder: folderOption },
    options: {},
    examples,
    run: async ({ output, daemon }, args) => {
      const folder = folderArgument(textArg(args, 'folder') ?? '');
      const decided = (await (await daemon()).call(method, { folder })) as Params;
      const counts = kinds
        .filter((kind) => Number(decided[kind]) > 0)
        .map((kind) => `${String(decided[kind])} ${kind}`);
      output.result(decided, () => [`${word}: ${counts.length === 0 ? 'what was held' : counts.join(', ')}.`]);
    },
  };
}
