import { type Run, withDaemon } from '../arguments.js';
import { showProgress } from '../progress.js';

interface Arguments {
  readonly folder?: string;
  readonly timeout?: number;
}

/** Returns when in step; exit code 4 when that takes too long. */
export const wait: Run<Arguments> = async (args, session) => {
  await withDaemon(session, async (client) => {
    const stop = session.output.quiet ? undefined : showProgress(client, args.folder);
    try {
      const timeoutMs = args.timeout === undefined ? undefined : args.timeout * 1_000;
      const result = await client.call('wait', { folder: args.folder, timeoutMs });
      session.output.result(result, () => ['In step.']);
    } finally {
      stop?.();
    }
  });
};
