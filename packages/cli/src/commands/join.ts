import { resolve } from 'node:path';
import { type Run, withDaemon } from '../arguments.js';

interface Arguments {
  readonly code: string;
  readonly path?: string;
  readonly timeout: number;
}

interface Joined {
  readonly folder: string;
  readonly name: string;
  readonly path: string;
  readonly level: string;
}

/** Joins a folder and waits until admitted. */
export const join: Run<Arguments> = async (args, session) => {
  await withDaemon(session, async (client) => {
    session.output.note('Looking for the device that made this code …');
    const path = args.path === undefined ? undefined : resolve(args.path);
    const joined = (await client.call('join', {
      code: args.code,
      path,
      parent: process.cwd(),
      timeoutMs: args.timeout * 1_000,
    })) as Joined;
    session.output.result(joined, () => [
      `Joined ${joined.name} (level ${joined.level}) at ${joined.path}. It fills by itself; "cloudless wait" tells when it is in step.`,
    ]);
  });
};
