import { columns } from '../output.js';
import type { Params } from '../rpc/server.js';
import { settings } from '../settings.js';
import { type CommandModule, textArg } from './command.js';

export const command: CommandModule = {
  positionals: {
    key: { type: 'string', describe: Object.keys(settings).join(', ') },
    value: { type: 'string', describe: 'what it is from now on' },
  },
  options: {},
  examples: [
    ['$0 config', 'all settings'],
    ['$0 config name laptop', 'calls this device laptop'],
  ],
  run: async ({ output, daemon }, args) => {
    const [key, value] = [textArg(args, 'key'), textArg(args, 'value')];
    const found = (await (await daemon()).call('config', { key, value })) as Params;
    output.result(found, () => {
      if (key !== undefined) return [String(found[key] ?? '')];
      return columns(Object.entries(settings).map(([name, { about }]) => [name, String(found[name] ?? '-'), about]));
    });
  },
};
