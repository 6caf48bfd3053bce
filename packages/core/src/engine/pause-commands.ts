import { check } from '../errors.js';
import type { Command } from './commands.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';

/**
 * Leaves a folder alone or goes on with it. Connections that carry it end; those that other folders need are made
 * again without it.
 */
export function setPaused(device: DeviceEngine, folder: FolderEngine, paused: boolean): void {
  const { home, connections, dialer } = device;
  home.putFolderSettings(folder.folder, { ...home.folderSettings(folder.folder), paused });
  if (folder.paused === paused) return;
  folder.paused = paused;
  device.again();
  if (paused) disconnect(device, folder);
  else connections.folderAdded(folder);
  dialer.refresh();
  device.doorsChanged();
}

function disconnect(device: DeviceEngine, folder: FolderEngine): void {
  for (const { connection, ours } of device.connections.all()) {
    if (!ours.has(folder.folder)) continue;
    folder.closed(connection);
    device.emit({ type: 'close', connection, reason: 'A folder was paused.' });
  }
}

/** Sets limits, tells the host of them, and says which hold. */
export function changeLimits(
  device: DeviceEngine,
  { up, down }: Extract<Command, { readonly command: 'limit' }>,
): unknown {
  const { home } = device;
  for (const value of [up, down]) check(value === undefined || value >= 0, 'usage', 'A limit is not negative.');
  if (up !== undefined) home.putLimit('up', up);
  if (down !== undefined) home.putLimit('down', down);
  const limits = home.limits();
  if (up !== undefined || down !== undefined) device.emit({ type: 'limits', ...limits });
  return { up: limits.up ?? null, down: limits.down ?? null };
}
