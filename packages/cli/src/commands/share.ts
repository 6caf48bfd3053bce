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
  },
  examples: [
    ['$0 share ~/garden', 'a code for one person, good for a day'],
    ['$0 share ~/garden --level read --ttl 1h', 'for somebody who only reads'],
  ],
  run: async ({ output, daemon }, args) => {
    const ttlMs = durationMs('--ttl', textArg(args, 'ttl') ?? '24h');
    const client = await daemon();
    const made = (await client.call('create', {
      path: realPath(textArg(args, 'path') ?? '.'),
      name: args.name,
    })) as Params;
    const invited = (await client.call('invite', { folder: made.folder, level: args.level, ttlMs })) as Params;
    const { folder, name, path, level, id, code, words, link, expires } = invited;
    const picture = output.json || output.quiet || !process.stdout.isTTY ? [] : await qrLines(String(link));
    output.result({ folder, name, path, level, id, code, words, link, expires }, () => [
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
