import type { Run } from '../arguments.js';

/** Stops the daemon, if one is running. */
export const down: Run<object> = async (_args, session) => {
  const { connectRunning } = await import('../daemon/start.js');
  const client = await connectRunning(session.home);
  if (client !== undefined) {
    const gone = new Promise<void>((resolve) => client.onClosed(resolve));
    await client.call('stop');
    await gone;
  }
  session.output.result({}, () => [client === undefined ? 'No daemon was running.' : 'The daemon has stopped.']);
};
