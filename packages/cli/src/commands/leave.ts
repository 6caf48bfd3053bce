import { createInterface } from 'node:readline/promises';
import { escapeText } from '../escape.js';
import { Failure } from '../failure.js';
import { folderArgument } from '../paths.js';
import type { Client } from '../rpc/client.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption },
  options: {
    delete: { type: 'boolean', describe: 'delete its directory on this device too' },
    yes: { type: 'boolean', describe: 'delete without asking' },
  },
  examples: [
    ['$0 leave garden', 'the files stay, and are synced no more'],
    ['$0 leave garden --delete', 'they go from this device; others keep theirs'],
  ],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const erase = args.delete === true;
    const client = await daemon();
    if (erase && args.yes !== true) await confirm(client, folder);
    const left = (await client.call('leave', { folder, erase })) as Params;
    if (left.told === 0) output.note('No other member was connected: nobody has heard of it.');
    output.result(left, () => [
      erase
        ? `Left ${String(left.name)} and deleted ${String(left.path)}.`
        : `Left ${String(left.name)}. Its files stay${left.path === null ? '' : ` at ${String(left.path)}`}.`,
    ]);
  },
};

/** Asks a person. Rejects with `needs-person` where there is none, or who does not want it. */
async function confirm(client: Client, folder: string): Promise<void> {
  const { folders } = (await client.call('status', { folder })) as { readonly folders: readonly Params[] };
  const [{ name, path, have, state }] = folders as [Params];
  const isElsewhere = state === 'inStep' ? '' : ' Not all of it is known to be elsewhere.';
  const question = `Delete ${String(path)} with the ${String(have)} files of ${String(name)}?${isElsewhere}`;
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (!isTerminal) throw new Failure('needs-person', `${question} Say so with --yes.`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${escapeText(question)} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('needs-person', 'Nothing was deleted.');
  } finally {
    lines.close();
  }
}
