import { resolve } from 'node:path';
import { type Run, withDaemon } from '../arguments.js';

/** Says what state a path is in, the reason, and what would change it. */
export const why: Run<{ readonly path: string }> = async (args, session) => {
  await withDaemon(session, async (client) => {
    const found = (await client.call('why', { path: resolve(args.path) })) as { readonly path: string; readonly state: string; readonly reason: string };
    session.output.result(found, () => [`${found.path}: ${found.state}${found.reason === '' ? '' : ` – ${found.reason}`}`]);
  });
};
