import type { Crypto } from '../crypto/index.js';
import type { Task, TaskResult } from '../engine/index.js';
import { CloudlessError, errorCode } from '../errors.js';
import { DiskError, FolderDisk, type MemoryDisk, prepareRoot } from '../memory/index.js';
import type { FolderId } from '../model/index.js';
import type { DiskRow } from '../tree/index.js';

/** Carries out an engine's task on a disk in RAM, at once. */
export function performTask(
  disk: MemoryDisk,
  crypto: Crypto,
  folder: string,
  work: Task,
  rows: (slice: readonly DiskRow[]) => void,
): TaskResult {
  try {
    if (work.task === 'prepare-root') {
      return { task: work.task, path: prepareRoot(disk, work.path, work) };
    }
    return performAt(new FolderDisk(disk, work.root, crypto), folder as FolderId, work, rows);
  } catch (error) {
    if (error instanceof DiskError) return { task: 'failed', code: 'io', reason: error.message };
    if (error instanceof CloudlessError && error.code !== 'internal') {
      return { task: 'failed', code: errorCode(error), reason: error.message };
    }
    throw error;
  }
}

function performAt(
  root: FolderDisk,
  folder: FolderId,
  work: Exclude<Task, { readonly task: 'prepare-root' }>,
  rows: (slice: readonly DiskRow[]) => void,
): TaskResult {
  switch (work.task) {
    case 'claim':
      return { task: work.task, root: root.claim(folder, work.create, work.more) };
    case 'scan':
      return { task: work.task, root: root.scan(folder, work.paths, rows) };
    case 'hash':
      return { task: work.task, outcome: root.hash(work.path, work.expected, work.keys) };
    case 'hash-archived':
      return { task: 'hash', outcome: root.hashArchived(work.name, work.expected, work.keys) };
    case 'read-file':
      return { task: work.task, outcome: root.readFile(work.path, work.bytesMax) };
    case 'apply':
      return { task: work.task, results: root.apply(folder, work.operations, work.group) };
    case 'recheck':
      return { task: work.task, stamps: root.recheck(folder, work.names) };
    case 'copy-chunks':
      return {
        task: work.task,
        outcomes: work.chunks.map((each) => root.copyChunk(each.chunk, work.keys, each.sources, each.targets)),
      };
    case 'list-temps':
      return { task: work.task, temps: root.listTemps() };
    case 'watch':
    case 'unwatch':
      return { task: work.task };
    case 'flush-temps':
      root.flushTemps(work.temps);
      return { task: work.task };
    case 'remove-temps':
      root.removeTemps(folder, work.temps);
      return { task: work.task };
    case 'archive-groups':
      return { task: work.task, groups: root.archiveGroups() };
    case 'list-archived':
      return { task: work.task, files: root.listArchived(work.groups) };
    case 'export-archived':
      root.exportArchived(work.name, work.to, work.above);
      return { task: work.task };
    case 'look':
      return { task: work.task, rows: root.look(work.paths) };
    case 'remove-archived':
      root.removeArchived(work.names);
      return { task: work.task };
    case 'write-view':
      root.writeView(folder, work.path, work.offset, work.bytes);
      return { task: work.task };
    case 'erase':
      root.erase();
      return { task: work.task };
    case 'release':
      root.release();
      return { task: work.task };
  }
}
