import { Failure } from '../failure.js';
import { entryPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, textArg } from './command.js';

const kept: Readonly<Record<string, string>> = {
  this: 'It stays as it is shown; the copies are in the archive.',
  copy: 'The copy has taken its place; the rest is in the archive.',
  both: 'The copies are files of their own now.',
};

export const command: CommandModule = {
  positionals: { path: { type: 'string', describe: 'a path with conflict copies, or one of these' } },
  options: { keep: { type: 'string', choices: ['this', 'copy', 'both'], describe: 'what stays' } },
  examples: [
    ['$0 resolve garden/plan.txt --keep this', 'what is shown stays, copies go'],
    ['$0 resolve "garden/plan (conflict …).txt" --keep copy', 'the copy becomes plan.txt'],
    ['$0 resolve garden/plan.txt --keep both', 'copies become files of their own'],
  ],
  run: async ({ output, daemon }, args) => {
    const keep = textArg(args, 'keep');
    if (keep === undefined) throw new Failure('usage', 'Say what stays: --keep this, copy or both.');
    const path = entryPath(textArg(args, 'path') ?? '.');
    const result = (await (await daemon()).call('resolve', { path, keep })) as Params;
    output.result(result, () => [kept[keep] ?? '']);
  },
};
