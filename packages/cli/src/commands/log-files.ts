import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: {
    folder: folderOption,
    name: { type: 'string', describe: 'the stream' },
    switch: { type: 'string', choices: ['on', 'off'], describe: 'on or off' },
  },
  options: {},
  examples: [['$0 log files garden diary on', 'shows it as diary/DEVICE.log in the folder, on this device']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const stream = textArg(args, 'name');
    const result = (await (await daemon()).call('log-files', { folder, stream, on: args.switch === 'on' })) as Params;
    output.result(result, () => [`${String(stream)} is ${args.switch === 'on' ? '' : 'no longer '}shown as files.`]);
  },
};
