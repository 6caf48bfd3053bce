import { escapeText, toJsonLine } from '../escape.js';
import { dataFields } from '../items.js';
import { folderArgument } from '../paths.js';
import type { Client } from '../rpc/client.js';
import { type CommandModule, folderOption, textArg } from './command.js';

interface Item {
  readonly device: string;
  readonly stream: string;
  readonly seq: number;
  readonly index: number;
  readonly time: string;
  /** Base64. */
  readonly data: string;
}

export const command: CommandModule = {
  positionals: { folder: folderOption, name: { type: 'string', describe: 'the stream; default: all' } },
  options: {
    follow: { type: 'boolean', describe: 'go on with what comes' },
  },
  examples: [['$0 log tail garden diary --follow', 'what all devices appended and append']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const stream = textArg(args, 'name');
    const client = await daemon();
    const print = (item: Item): string => {
      if (output.json) return toJsonLine(forPrograms(item));
      return escapeText(Buffer.from(item.data, 'base64').toString('utf8'));
    };
    const write = (item: unknown): void => writeLine(client, print(item as Item));
    await client.call('tail', { folder, stream, follow: args.follow === true }, write);
  },
};

/** A reader that is slower than the daemon makes it wait. */
function writeLine(client: Client, line: string): void {
  if (process.stdout.write(`${line}\n`) || process.stdout.listenerCount('drain') > 0) return;
  client.pause();
  process.stdout.once('drain', () => client.resume());
}

function forPrograms({ device, stream, seq, index, time, data }: Item): unknown {
  return { device, stream, seq, index, time, ...dataFields(Buffer.from(data, 'base64')) };
}
