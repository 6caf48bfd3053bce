import { type Run, withDaemon } from '../arguments.js';
import { columns, sizeOf } from '../output.js';

interface Row {
  readonly folder: string;
  readonly name: string;
  readonly path: string | null;
  readonly level: string;
  readonly state: string;
  readonly files: number;
  readonly bytes: number;
  readonly peers: number;
}

/** Lists all folders, a line each. */
export const folders: Run<object> = async (_args, session) => {
  await withDaemon(session, async (client) => {
    const rows = (await client.call('folders')) as readonly Row[];
    session.output.result(rows, () => (rows.length === 0 ? ['No folders yet; "cloudless share PATH" makes one.'] : columns(rows.map(toCells))));
  });
};

function toCells(row: Row): readonly string[] {
  const peers = row.peers === 1 ? '1 peer' : `${row.peers} peers`;
  return [row.name, row.folder.slice(0, 8), row.state, `${row.files} files`, sizeOf(row.bytes), peers, row.level, row.path ?? ''];
}
