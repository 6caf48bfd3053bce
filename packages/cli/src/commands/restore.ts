import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { entryPath, realPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { path: { type: 'string', describe: 'a file or directory in a folder, as it was called' } },
  options: {
    version: { type: 'string', describe: 'which one, as "history" lists them; else the latest' },
    to: { type: 'string', describe: 'where to put it, in the folder or elsewhere' },
  },
  examples: [
    ['$0 restore garden/plan.txt', 'puts back what was replaced or removed last'],
    ['$0 restore garden/beds', 'puts back what is no longer in that directory'],
    ['$0 restore garden/plan.txt --to /tmp', 'looks at it first'],
  ],
  run: async ({ output, daemon }, args) => {
    const path = entryPath(textArg(args, 'path') ?? '.');
    const [version, to] = [textArg(args, 'version'), destination(textArg(args, 'to'), path)];
    const restored = (await (await daemon()).call('restore', { path, version, to })) as Params;
    output.result(restored, () => [summary(restored)]);
  },
};

function summary({ path, version, files }: Params): string {
  if (version === undefined || version === null)
    return `${files === 1 ? '1 file is' : `${files} files are`} back in ${path}.`;
  const what = files === 1 ? String(path) : `${files} files in ${path}`;
  return `${what} ${files === 1 ? 'is' : 'are'} back, as of version ${version}.`;
}

/** A directory stands for a file in it that is called as it was. */
function destination(to: string | undefined, path: string): string | undefined {
  if (to === undefined) return undefined;
  const isDirectory = statSync(to, { throwIfNoEntry: false })?.isDirectory() === true;
  return isDirectory ? join(realPath(to), basename(path)) : entryPath(to);
}
