import { type BaseRow, type DiskRow, directoryContent, type ViewRow, viewRow } from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import { diskOfBase } from '../store/rows.js';
import type { BrakeRow } from './brake-rows.js';

/** Lets one held change go: exactly that one, and no later one of the path. */
export function letGo(core: TreeCore, path: string, row: BrakeRow): void {
  core.brake.put(path, { ...row, state: 'released' });
}

/**
 * Undoes one held change. What was done here is taken for something that came with the disk: the folder's content is
 * applied over it. What was done elsewhere is taken as known: what is here stands against it as a newer act.
 */
export function undo(core: TreeCore, path: string, row: BrakeRow): void {
  // Somebody did something new to the path that nobody was asked about yet.
  if (row.side === 'in' && core.tables.isMarked('dirty', path)) return;
  // What the disk lost can't stand against anything.
  if (row.side === 'in' && core.tables.seen(path)?.row.damaged === true) return;
  // A conflict takes nothing away: both contents stay, and one of them goes when it is settled.
  if (row.kind === 'conflict') return letGo(core, path, row);
  core.brake.drop(path);
  if (row.side === 'out') undoHere(core, path);
  else standAgainst(core, path);
}

/** The base row says of the disk what is there, so that nothing of it is recorded and the view is applied over it. */
export function undoHere(core: TreeCore, path: string): void {
  const base = core.tables.base(path);
  if (base !== undefined) core.commitBase(rowOfDisk(base, core.tables.disk(path)), core.tables.seen(path)?.ref);
}

/** The base row of what the disk shows, with what another one knows of the path. */
export function rowOfDisk(
  base: Pick<BaseRow, 'path' | 'vector' | 'executable' | 'copyOf' | 'shown' | 'copies'>,
  disk: DiskRow | undefined,
): BaseRow {
  const { path, vector, copyOf, shown, copies } = base;
  const known = { path, vector, copyOf, shown, copies };
  if (disk === undefined || disk.kind === 'absent' || disk.kind === 'unreadable' || disk.kind === 'other')
    return { ...known, kind: 'absent', size: 0, mtimeUs: 0, executable: false };
  const { kind, size, mtimeUs, ctimeUs, inode, target } = disk;
  const content = kind === 'directory' ? directoryContent : disk.content;
  const stat = { size, mtimeUs, ctimeUs, inode };
  return { ...known, kind, size, mtimeUs, executable: disk.executable ?? base.executable, target, content, stat };
}

function standAgainst(core: TreeCore, path: string): void {
  const { tables } = core;
  const base = tables.base(path);
  const view = viewRow(core.versions, path);
  const disk = base === undefined ? undefined : (tables.disk(path) ?? diskOfBase(base));
  if (disk === undefined || view === undefined || view.copyOf !== undefined) return;
  const ref = disk.content === undefined ? undefined : core.contents.ref(disk.content);
  // What is small has no reference before it is read again.
  core.see(disk.kind === 'file' && ref === undefined ? { ...disk, content: undefined } : disk, ref);
  core.commitBase(rowOfView(path, view), undefined, true);
  const mark = `${disk.kind} ${disk.content ?? disk.target ?? ''}`;
  core.brake.put(path, { side: 'out', device: core.context.device(), kind: 'overwrite', mark, state: 'released' });
}

/** As if the view had been applied: an act from now on builds on it, and keeps its conflict copies. */
function rowOfView(path: string, view: ViewRow): BaseRow {
  const { vector, version, copies } = view;
  const kept = copies.length === 0 ? {} : { shown: version, copies };
  if (view.kind === 'absent' || view.kind === 'unknown')
    return { path, kind: 'absent', size: 0, mtimeUs: 0, executable: false, vector, ...kept };
  const { size = 0, mtimeUs = 0, executable = false, target } = version ?? {};
  const content = view.kind === 'directory' ? directoryContent : version?.content;
  return { path, kind: view.kind, size, mtimeUs, executable, target, content, vector, ...kept };
}
