import { resolve } from 'node:path';
import { CloudlessError } from '@cloudless/core';
import { type Run, withDaemon } from '../arguments.js';
import { durationMs } from '../output.js';

interface Arguments {
  readonly path: string;
  readonly name?: string;
  readonly level: string;
  readonly ttl: string;
}

interface Invitation {
  readonly folder: string;
  readonly name: string;
  readonly path: string;
  readonly level: string;
  readonly code: string;
  readonly words: string;
  readonly link: string;
  readonly expires: string;
}

/** Makes a directory a folder and prints a single-use code for it. */
export const share: Run<Arguments> = async (args, session) => {
  const ttlMs = durationMs(args.ttl);
  if (ttlMs === undefined || ttlMs === 0) throw new CloudlessError('usage', `"${args.ttl}" is no time; 90s, 15m, 24h and 30d are.`);
  await withDaemon(session, async (client) => {
    const made = (await client.call('create', { path: resolve(args.path), name: args.name })) as { readonly folder: string };
    const invitation = (await client.call('invite', { folder: made.folder, level: args.level, ttlMs })) as Invitation;
    const qr = args.json || process.stdout.isTTY !== true ? [] : await qrOf(invitation.link);
    session.output.result(invitation, () => linesFor(invitation));
    if (qr.length > 0) process.stdout.write(`${qr.join('\n')}\n`);
  });
};

function linesFor({ name, path, level, code, words, link, expires }: Invitation): readonly string[] {
  return [
    `${name} is shared from ${path}. One person can join it (level ${level}), until ${expires}:`,
    '',
    `  code   ${code}`,
    `  words  ${words}`,
    `  link   ${link}`,
    '',
    'On the other device: cloudless join "LINK" DIRECTORY. Stay online: only this device can answer.',
  ];
}

/** The link as blocks, if the terminal is wide enough. */
async function qrOf(link: string): Promise<readonly string[]> {
  const { renderUnicodeCompact } = await import('uqr');
  const lines = renderUnicodeCompact(link, { border: 1 }).split('\n');
  return (lines[0]?.length ?? 0) <= (process.stdout.columns ?? 80) ? lines : [];
}
