import { Failure } from '../failure.js';
import { realPath } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { durationMs } from '../units.js';
import { type Args, type CommandModule, textArg } from './command.js';

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
    const { name: given, ttlMs, memberMs } = wishOf(args);
    const client = await daemon();
    const path = realPath(textArg(args, 'path') ?? '.');
    const made = (await client.call('create', { path, name: given })) as Params;
    const wish = { folder: made.folder, level: args.level, ttlMs, memberMs };
    const invited = (await client.call('invite', wish)) as Params;
    if (given !== undefined && made.name !== given.normalize('NFC'))
      output.warn(`The folder is called "${String(made.name)}" already; --name is for new ones.`);
    const { folder, name, path: at, level, id, code, words, link, expires } = invited;
    const picture = output.json || output.quiet || !process.stdout.isTTY ? [] : await qrLines(String(link));
    output.result({ folder, name, path: at, level, id, code, words, link, expires, memberMs }, () => [
      `${String(name)} (${String(at)}), level ${String(level)}${memberMs === undefined ? '' : `, for ${args.for}`}`,
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

interface Wish {
  readonly name: string | undefined;
  readonly ttlMs: number;
  readonly memberMs: number | undefined;
}

/** What was asked for, checked before anything is made. Throws `usage`, and `unsupported` for an access secret. */
function wishOf(args: Args): Wish {
  const [name, limit] = [textArg(args, 'name'), textArg(args, 'for')];
  const ttlMs = durationMs('--ttl', textArg(args, 'ttl') ?? '24h');
  const memberMs = limit === undefined ? undefined : durationMs('--for', limit);
  if (name === '') throw new Failure('usage', '--name takes a name, not "".');
  if (args.secret !== true) return { name, ttlMs, memberMs };
  const instead = 'Without --secret you get a code for one person.';
  throw new Failure('unsupported', `There are no reusable access secrets yet. ${instead}`);
}

/** The link as a picture, where it fits. */
async function qrLines(link: string): Promise<readonly string[]> {
  const { qr } = await import('../qr.js');
  const lines = qr(link);
  return (lines[0] ?? '').length > process.stdout.columns ? [] : ['', ...lines];
}
