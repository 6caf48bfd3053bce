import { type Run, withDaemon } from '../arguments.js';

interface Arguments {
  readonly folder: string;
  readonly name: string;
  readonly switch: 'on' | 'off';
}

/** Shows a stream as files in the folder, or no longer. */
export const logFiles: Run<Arguments> = async (args, session) => {
  await withDaemon(session, async (client) => {
    const on = args.switch === 'on';
    const result = await client.call('log-files', { folder: args.folder, stream: args.name, on });
    session.output.result(result, () => [
      on ? `${args.name} is shown as ${args.name}/DEVICE.log, a file a device.` : `${args.name} grows no files any more; those there stay.`,
    ]);
  });
};
