import { folderArgument } from '../paths.js';
import { watchProgress } from '../progress.js';
import type { Params } from '../rpc/server.js';
import { timeoutMs } from '../units.js';
import { type CommandModule, folderOption, textArg, timeoutOption } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption },
  options: { timeout: timeoutOption },
  examples: [['$0 wait garden --timeout 60', 'returns when in step with all that are connected']],
  run: async ({ output, daemon }, args) => {
    const named = textArg(args, 'folder');
    const folder = named === undefined ? undefined : folderArgument(named);
    const wait = timeoutMs(textArg(args, 'timeout'));
    const client = await daemon();
    const stop = output.quiet || output.json ? () => undefined : await watchProgress(client, folder);
    try {
      const result = (await client.call('wait', { folder, timeoutMs: wait })) as Params;
      stop();
      output.result(result, () => [inStep(result.missing)]);
    } finally {
      stop();
    }
  },
};

function inStep(missing: unknown): string {
  if (missing === undefined) return 'In step.';
  return `In step, but for ${String(missing)} files whose content no device has; "plan" lists them, "why" says more.`;
}
