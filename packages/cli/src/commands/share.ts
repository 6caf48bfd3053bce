import { Failure } from '../failure.js';
import { realPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { durationMs } from '../units.js';
import { type CommandModule, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { path: { type: 'string', describe: 'the directory' } },
  options: {
    name: { type: 'string', describe: "the folder's name; default: the directory's" },
    level: {
      type: 'string',
      choices: ['admin', 'write', 'read', 'store'],
      default: 'write',
      describe: 'what who joins may do',
    },
    ttl: { type: 'string', default: '24h', describe: 'how long the code is good' },
    for: { type: 'string', describe: 'how long who joins is a member, such as 30d; default: without end' },
    secret: { type: 'boolean', describe: 'a reusable access secret instead of a code' },
  },
  examples: [
    ['$0 share ~/garden', 'a code for one person, good for a day'],
    ['$0 share ~/garden --level read --ttl 1h', 'for somebody who only reads'],
  ],
  run: async ({ output, daemon }, args) => {
    const ttlMs = durationMs('--ttl', textArg(args, 'ttl') ?? '24h');
    const limit = textArg(args, 'for');
    const memberMs = limit === undefined ? undefined : durationMs('--for', limit);
    if (args.secret === true)
      throw new Failure(
        'unsupported',
        'There are no reusable access secrets yet. Without --secret you get a code for one person.',
      );
    const client = await daemon();
    const made = (await client.call('create', {
      path: realPath(textArg(args, 'path') ?? '.'),
      name: args.name,
    })) as Params;
    const invited = (await client.call('invite', {
      folder: made.folder,
      level: args.level,
      ttlMs,
      memberMs,
    })) as Params;
    if (memberMs !== undefined)
      output.note(
        `The end of the membership, ${limit} after joining, is written down; nobody acts on it by themselves yet.`,
      );
    const { folder, name, path, level, id, code, words, link, expires } = invited;
    const picture = output.json || output.quiet || !process.stdout.isTTY ? [] : await qrLines(String(link));
    const result = {
      folder,
      name,
      path,
      level,
      id,
      code,
      words,
      link,
      expires,
      ...(memberMs === undefined ? {} : { memberMs }),
    };
    output.result(result, () => [
      `${String(name)} (${String(path)}), level ${String(level)}`,
      '',
      `  ${String(code)}`,
      `  ${String(words)}`,
      `  ${String(link)}`,
      ...picture,
      '',
      `Good for one person until ${new Date(String(expires)).toLocaleString()}. Stay online until they have joined.`,
    ]);
  },
};

/** The link as a picture, where it fits. */
async function qrLines(link: string): Promise<readonly string[]> {
  const { qr } = await import('../qr.js');
  const lines = qr(link);
  return (lines[0] ?? '').length > process.stdout.columns ? [] : ['', ...lines];
}
