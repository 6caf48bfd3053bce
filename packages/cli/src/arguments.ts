import type { Home } from './home.js';
import type { Output } from './output.js';
import type { Client } from './rpc/client.js';

/** What every command can be given. */
export interface CommonArguments {
  readonly home?: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What every command works with. */
export interface Session {
  readonly home: Home;
  readonly output: Output;
}

/** A command: does its work and sets `process.exitCode` where that is not 0; throws what went wrong. */
export type Run<A> = (args: A & CommonArguments, session: Session) => Promise<void>;

/** Calls the daemon, which is started if need be, and hangs up. */
export async function withDaemon<T>(session: Session, act: (client: Client) => Promise<T>): Promise<T> {
  const { connectDaemon } = await import('./daemon/start.js');
  const client = await connectDaemon(session.home);
  try {
    return await act(client);
  } finally {
    client.close();
  }
}
