/** Names of the model's devices, contents and paths. */

import type { ContentId, DeviceId } from '../../src/model/index.js';

export function deviceId(n: number): DeviceId {
  return (n + 1).toString(16).padStart(2, '0').repeat(32) as DeviceId;
}

/** Content number `n`; every third is small enough to stand in a record. */
export function contentId(n: number): ContentId {
  return (n + 1).toString(16).padStart(8, '0').repeat(8) as ContentId;
}

export function contentSize(id: ContentId): number {
  return Number.parseInt(id.slice(0, 8), 16) % 3 === 0 ? 10 : 5_000;
}

/** The identity that a symlink's target has in this model. */
export function targetId(target: string): ContentId {
  const hex = [...target].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return `aa${hex}`.padEnd(64, 'a').slice(0, 64) as ContentId;
}

/** Equal for names that a disk blind to case can't tell apart. */
export function fold(path: string): string {
  return path.toLowerCase();
}

export function parentOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? undefined : path.slice(0, slash);
}
