import { columns } from '../output.js';
import { folderArgument } from '../paths.js';
import type { Params } from '../rpc/server.js';
import { type CommandModule, folderOption, textArg } from './command.js';

export const command: CommandModule = {
  positionals: { folder: folderOption },
  options: {},
  examples: [['$0 members garden', 'a line for each person in it']],
  run: async ({ output, daemon }, args) => {
    const folder = folderArgument(textArg(args, 'folder') ?? '');
    const members = (await (await daemon()).call('members', { folder })) as readonly Params[];
    output.result(members, () => columns([['NAME', 'LEVEL', 'DEVICES', 'SINCE', 'UNTIL', 'ID'], ...members.map(row)]));
  },
};

function row({ name, level, owner, me, devices, since, expires, person }: Params): readonly string[] {
  return [
    `${String(name)}${me === true ? ' (you)' : ''}`,
    owner === true ? `${String(level)} (owner)` : String(level),
    String((devices as readonly unknown[]).length),
    String(since ?? '-'),
    String(expires ?? '-'),
    String(person).slice(0, 16),
  ];
}
