import { toJsonLine } from '../escape.js';
import { dataFields } from '../items.js';
import { folderArgument } from '../paths.js';
import { batches } from '../stdin-lines.js';
import { type CommandModule, folderOption, textArg } from './command.js';

/** Where the items of a batch stand: so many from an index on in the entry `seq`. */
interface Appended {
  readonly device: string;
  readonly stream: string;
  readonly runs: readonly {
    readonly seq: number;
    readonly firstIndex: number;
    readonly count: number;
    readonly timeMs: number;
  }[];
}

export const command: CommandModule = {
  positionals: { folder: folderOption, name: { type: 'string', describe: 'the stream' } },
  options: {},
  examples: [
    ['date | $0 log append garden diary', 'one item'],
    ['tail -f app.log | $0 log append garden app', 'each line as it comes'],
  ],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const stream = textArg(args, 'name');
    const client = await daemon();
    for await (const lines of batches(process.stdin)) {
      const items = lines.map((line) => line.toString('base64'));
      const appended = (await client.call('append', { folder, stream, items })) as Appended;
      if (output.json) process.stdout.write(jsonLines(appended, lines));
    }
  },
};

function jsonLines({ device, stream, runs }: Appended, lines: readonly Buffer[]): string {
  const places = runs.flatMap(({ seq, firstIndex, count, timeMs }) => {
    const time = new Date(timeMs).toISOString();
    return Array.from({ length: count }, (_, i) => ({ seq, index: firstIndex + i, time }));
  });
  return places
    .map((place, i) => `${toJsonLine({ device, stream, ...place, ...dataFields(lines[i] ?? Buffer.alloc(0)) })}\n`)
    .join('');
}
