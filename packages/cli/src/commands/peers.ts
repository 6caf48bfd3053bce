import { type Run, withDaemon } from '../arguments.js';
import { columns, sizeOf } from '../output.js';

interface Peer {
  readonly device: string;
  readonly path: string;
  readonly address: string;
  readonly rttMs: number | null;
  readonly in: number;
  readonly out: number;
  readonly folders: readonly string[];
}

/** Lists connected devices. */
export const peers: Run<object> = async (_args, session) => {
  await withDaemon(session, async (client) => {
    const rows = (await client.call('peers')) as readonly Peer[];
    session.output.result(rows, () => (rows.length === 0 ? ['Nobody is connected.'] : columns(rows.map(toCells))));
  });
};

function toCells(peer: Peer): readonly string[] {
  const rtt = peer.rttMs === null ? '–' : `${peer.rttMs.toFixed(1)} ms`;
  return [peer.device.slice(0, 8), peer.path, peer.address, rtt, `in ${sizeOf(peer.in)}`, `out ${sizeOf(peer.out)}`, peer.folders.join(', ')];
}
