import { columns } from '../output.js';
import type { Params } from '../rpc/server.js';
import { caveatOf, checkSetting, settings } from '../settings.js';
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
    if (key !== undefined) checkSetting(key, value);
    const found = (await (await daemon()).call('config', { key, value })) as Params;
    const caveat = key === undefined || value === undefined ? undefined : caveatOf(key, value);
    if (caveat !== undefined) output.warn(caveat);
    output.result(found, () => {
      if (key !== undefined) return [String(found[key] ?? '')];
      return columns(Object.entries(settings).map(([name, { about }]) => [name, String(found[name] ?? '-'), about]));
    });
  },
};
