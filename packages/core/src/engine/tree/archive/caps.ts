import type { FolderContext } from '../../context.js';

const dayMs = 86_400_000;
const daysDefault = 90;
const bytesDefault = 10 * 1_024 ** 3;
const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1_024,
  MiB: 1_024 ** 2,
  GiB: 1_024 ** 3,
  TiB: 1_024 ** 4,
};

/** How long and how much the archive of a folder keeps. */
export interface ArchiveCaps {
  readonly ageMs: number;
  readonly bytes: number;
}

/** As the settings `archive-days` and `archive-size` say; what says nothing is the default. */
export function archiveCaps(context: Pick<FolderContext, 'setting'>): ArchiveCaps {
  const days = /^\d{1,5}$/.exec(context.setting?.('archive-days') ?? '')?.[0] ?? daysDefault;
  const [, number, unit] = /^(\d{1,12})(B|KiB|MiB|GiB|TiB)$/.exec(context.setting?.('archive-size') ?? '') ?? [];
  const bytes = number === undefined ? bytesDefault : Number(number) * (unitBytes[unit ?? 'B'] ?? 1);
  return { ageMs: Number(days) * dayMs, bytes };
}
