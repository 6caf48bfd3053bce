import type { Params } from './rpc/server.js';
import { sizeOf } from './units.js';

/** Connected devices as rows of a table with a heading; none when nobody is. */
export function peerRows(peers: readonly Params[]): readonly (readonly string[])[] {
  if (peers.length === 0) return [];
  const rows = peers.map(({ device, path, address, rttMs, in: received, out: sent, folders }) => [
    String(device).slice(0, 12),
    String(path),
    String(address),
    typeof rttMs === 'number' ? `${rttMs.toFixed(1)} ms` : '-',
    sizeOf(Number(received)),
    sizeOf(Number(sent)),
    (folders as readonly string[]).join(', '),
  ]);
  return [['DEVICE', 'PATH', 'ADDRESS', 'ROUND TRIP', 'IN', 'OUT', 'FOLDERS'], ...rows];
}
