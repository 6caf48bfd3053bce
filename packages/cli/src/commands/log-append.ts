import { type Run, withDaemon } from '../arguments.js';
import { toJsonLine } from '../escape.js';
import { dataFields } from '../items.js';
import { batchesOfLines } from '../stdin-lines.js';

interface Arguments {
  readonly folder: string;
  readonly name: string;
}

interface Appended {
  readonly device: string;
  readonly runs: readonly { readonly seq: number; readonly firstIndex: number; readonly count: number; readonly timeMs: number }[];
}

/** Appends the lines of stdin as they come, those that are there in one go. */
export const logAppend: Run<Arguments> = async (args, session) => {
  await withDaemon(session, async (client) => {
    for await (const lines of batchesOfLines(process.stdin)) {
      const items = lines.map((line) => line.toString('base64'));
      const appended = (await client.call('append', { folder: args.folder, stream: args.name, items })) as Appended;
      if (args.json) process.stdout.write(linesFor(appended, lines));
    }
  });
};

function linesFor({ device, runs }: Appended, lines: readonly Buffer[]): string {
  let at = 0;
  return runs
    .flatMap(({ seq, firstIndex, count, timeMs }) =>
      Array.from({ length: count }, (_, i) => {
        const fields = dataFields(lines[at++] ?? Buffer.alloc(0));
        return `${toJsonLine({ device, seq, index: firstIndex + i, time: new Date(timeMs).toISOString(), ...fields })}\n`;
      }),
    )
    .join('');
}
