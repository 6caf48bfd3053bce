import { connectRunning } from '../daemon/start.js';
import { codeOf } from '../failure.js';
import type { CommandModule } from './command.js';

export const command: CommandModule = {
  positionals: {},
  options: {},
  examples: [['$0 down', 'stops the daemon of this home']],
  run: async ({ home, output }) => {
    const client = await connectRunning(home);
    if (client === undefined) return output.result({}, () => ['It was not running.']);
    const ended = client.call('events').catch((error: unknown) => error);
    await client.call('stop').catch((error: unknown) => {
      if (codeOf(error) !== 'closed') throw error;
    });
    await ended;
    output.result({}, () => ['Stopped.']);
  },
};
