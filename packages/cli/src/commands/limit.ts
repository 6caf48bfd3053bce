import { rateOf, sizeOf } from '../units.js';
import { type CommandModule, textArg } from './command.js';

interface Limits {
  readonly up: number | null;
  readonly down: number | null;
}

export const command: CommandModule = {
  positionals: {},
  options: {
    up: { type: 'string', describe: 'bytes a second to others, like 500k or 2M, or off' },
    down: { type: 'string', describe: 'bytes a second from others' },
  },
  examples: [
    ['$0 limit --up 500k --down 2M', 'content of files is sent and taken no faster, over all folders'],
    ['$0 limit --up off', 'as fast as it can be'],
    ['$0 limit', 'what holds'],
  ],
  run: async ({ output, daemon }, args) => {
    const [up, down] = ['up', 'down'].map((way) => {
      const text = textArg(args, way);
      return text === undefined ? undefined : rateOf(`--${way}`, text);
    });
    const limits = (await (await daemon()).call('limit', { up, down })) as Limits;
    output.result(limits, () => [`up ${shown(limits.up)}, down ${shown(limits.down)}`]);
  },
};

function shown(rate: number | null): string {
  return rate === null ? 'no limit' : `${sizeOf(rate)}/s`;
}
