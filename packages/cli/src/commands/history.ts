import { columns } from '../output.js';
import { entryPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { sizeOf } from '../units.js';
import { type CommandModule, textArg } from './command.js';

const idDigits = 8;

export const command: CommandModule = {
  positionals: { path: { type: 'string', describe: 'a file in a folder, or a directory' } },
  options: {},
  examples: [
    ['$0 history garden/plan.txt', 'versions that others replaced or removed'],
    ['$0 history garden', 'of all files in it'],
  ],
  run: async ({ output, daemon }, args) => {
    const path = entryPath(textArg(args, 'path') ?? '.');
    const versions = (await (await daemon()).call('history', { path })) as readonly Params[];
    output.result(versions, () => {
      if (versions.length === 0) return [`Nothing of ${path} is in the archive.`];
      return columns([['VERSION', 'TIME', 'SIZE', 'WHY', 'PATH'], ...versions.map(row)]);
    });
  },
};

function row({ version, time, size, why, by, path }: Params): readonly string[] {
  const whose = typeof by === 'string' ? ` by ${by.slice(0, idDigits)}` : '';
  return [
    String(version),
    `${String(time).slice(0, 19)}Z`,
    sizeOf(Number(size)),
    `${String(why)}${whose}`,
    String(path),
  ];
}
