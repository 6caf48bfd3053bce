import { columns } from '../output.js';
import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: {
    folder: folderOption,
    key: { type: 'string', describe: 'invite (from which level on), history (all or since-join) or retention' },
    value: { type: 'string', describe: 'what it is from now on' },
  },
  options: {},
  examples: [
    ['$0 policy garden', 'what holds in the folder'],
    ['$0 policy garden invite admin', 'only admins let somebody in'],
    ['$0 policy garden history since-join', 'who joins from now on reads what comes after'],
  ],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const [key, value] = [textArg(args, 'key'), textArg(args, 'value')];
    const policy = (await (await daemon()).call('policy', { folder, key, value })) as Params;
    output.result(policy, () => columns(Object.entries(policy).map(([name, each]) => [name, String(each)])));
  },
};
