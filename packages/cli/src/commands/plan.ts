import { escapeText, toJsonLine } from '../escape.js';
import { folderArgument } from '../paths.js';
import type { Client } from '../rpc/client.js';
import { sizeOf } from '../units.js';
import { type CommandModule, folderOption, textArg } from './command.js';

interface Operation {
  readonly path: string;
  readonly op: string;
  readonly from?: string;
  readonly size?: number;
  readonly held?: true;
  readonly local?: true;
}

interface Page {
  readonly operations: readonly Operation[];
  readonly next?: string;
}

export const command: CommandModule = {
  positionals: { folder: folderOption },
  options: {},
  examples: [['$0 plan garden', 'what sync would do, without doing it']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const client = await daemon();
    let count = 0;
    for await (const { operations } of pages(client, folder)) {
      const lines = operations.map((operation, i) => {
        if (!output.json) return `${escapeText(lineOf(operation))}\n`;
        return `${count + i === 0 ? '{"operations":[' : ','}${toJsonLine(operation)}`;
      });
      count += operations.length;
      await write(lines.join(''));
    }
    if (output.json) await write(count === 0 ? '{"operations":[]}\n' : ']}\n');
    else if (count === 0) await write('Nothing is to be done.\n');
  },
};

/** A page at a time, so that neither side holds a long plan. */
async function* pages(client: Client, folder: string): AsyncGenerator<Page> {
  for (let after: string | undefined; ; ) {
    const page = (await client.call('plan', { folder, after })) as Page;
    yield page;
    if (page.next === undefined) return;
    after = page.next;
  }
}

/** Waits for a slow reader. */
async function write(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  process.stdout.once('drain', resolve);
  await promise;
}

function lineOf({ op, path, from, size, held, local }: Operation): string {
  const what = from === undefined ? path : `${from} → ${path}`;
  const much = size === undefined ? '' : ` (${sizeOf(size)})`;
  const why =
    held === true ? '  held until approved or rejected' : local === true ? '  kept here: you may not write' : '';
  return `${op.padEnd(7)} ${what}${much}${why}`;
}
