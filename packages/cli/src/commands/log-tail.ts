import { type Run, withDaemon } from '../arguments.js';
import { escapeText, toJsonLine } from '../escape.js';
import { dataFields } from '../items.js';

interface Arguments {
  readonly folder: string;
  readonly name?: string;
  readonly follow: boolean;
}

interface Item {
  readonly device: string;
  readonly stream: string;
  readonly seq: number;
  readonly index: number;
  readonly time: string;
  /** Base64. */
  readonly data: string;
}

/** Prints the items of a stream, those to come too with `--follow`. */
export const logTail: Run<Arguments> = async (args, session) => {
  await withDaemon(session, async (client) => {
    const left = new Promise<void>((resolve) => process.once('SIGINT', () => resolve()));
    const params = { folder: args.folder, stream: args.name, follow: args.follow };
    const all = client.call('tail', params, (item) => void process.stdout.write(lineFor(item as Item, args.json)));
    await Promise.race([all, left]);
  });
};

function lineFor(item: Item, json: boolean): string {
  const data = Buffer.from(item.data, 'base64');
  if (json) return `${toJsonLine({ ...item, data: undefined, ...dataFields(data) })}\n`;
  return `${escapeText(data.toString('utf8'))}\n`;
}
