import { columns } from '../output.js';
import type { Params } from '../rpc/server.js';
import { sizeOf } from '../units.js';
import type { CommandModule } from './command.js';

export const command: CommandModule = {
  positionals: {},
  options: {},
  examples: [['$0 folders', 'a line for each folder']],
  run: async ({ output, daemon }) => {
    const folders = (await (await daemon()).call('folders')) as readonly Params[];
    output.result(folders, () => {
      if (folders.length === 0)
        return ['No folders yet: "cloudless share PATH" makes one, "cloudless join CODE" joins one.'];
      return columns([['NAME', 'STATE', 'LEVEL', 'FILES', 'SIZE', 'PEERS', 'ID', 'PATH'], ...folders.map(row)]);
    });
  },
};

function row({ name, state, level, files, bytes, peers, folder, path }: Params): readonly string[] {
  const id = String(folder).slice(0, 8);
  return [
    String(name),
    String(state),
    String(level),
    String(files),
    sizeOf(Number(bytes)),
    String(peers),
    id,
    String(path ?? '-'),
  ];
}
