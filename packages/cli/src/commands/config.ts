import { type Run, withDaemon } from '../arguments.js';

interface Arguments {
  readonly key?: string;
  readonly value?: string;
}

/** Shows settings, or changes one. */
export const config: Run<Arguments> = async (args, session) => {
  await withDaemon(session, async (client) => {
    const settings = (await client.call('config', { key: args.key, value: args.value })) as Readonly<Record<string, string | null>>;
    session.output.result(settings, () => Object.entries(settings).map(([key, value]) => `${key} = ${value ?? '(not set)'}`));
  });
};
