import { realPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { timeoutMs } from '../units.js';
import { type CommandModule, textArg, timeoutOption } from './command.js';

export const command: CommandModule = {
  positionals: {
    code: { type: 'string', describe: 'a code, a link, or 12 words in quotes' },
    path: { type: 'string', describe: "where; default: here, under the folder's name" },
  },
  options: { timeout: { ...timeoutOption, default: '60' } },
  examples: [['$0 join LINK ~/garden', 'joins the folder of that link']],
  run: async ({ output, daemon }, args) => {
    const given = textArg(args, 'path');
    const path = given === undefined ? undefined : realPath(given);
    const wait = timeoutMs(textArg(args, 'timeout'));
    const client = await daemon();
    output.note('Asking to be let in …');
    const params = { code: textArg(args, 'code'), path, parent: realPath('.'), timeoutMs: wait };
    const { folder, name, path: at, level } = (await client.call('join', params)) as Params;
    output.result({ folder, name, path: at, level }, () => [
      `Joined ${String(name)}, level ${String(level)}, at ${String(at)}.`,
      'Files arrive from now on; "cloudless wait" waits for them.',
    ]);
  },
};
