import type { Task } from '../../../src/engine/effects.js';
import type { TaskResult } from '../../../src/engine/inputs.js';
import type { TestDisk } from './disk.js';

/** Carries out a task on a disk of a test, at once. */
export function perform(disk: TestDisk, work: Task): TaskResult {
  switch (work.task) {
    case 'claim':
    case 'scan':
      return { task: work.task, root: disk.rootState };
    case 'hash':
      return { task: 'hash', outcome: disk.hash(work.path, work.expected, work.keys) };
    case 'read-file':
      return { task: 'read-file', outcome: disk.read(work.path, work.bytesMax) };
    case 'apply':
      return { task: 'apply', results: disk.apply(work.operations, work.group) };
    case 'hash-archived':
      return { task: 'hash', outcome: disk.hashArchived(work.name, work.expected, work.keys) };
    case 'recheck':
      return { task: 'recheck', stamps: disk.recheck(work.names) };
    case 'archive-groups':
      return {
        task: work.task,
        groups: [...new Set([...disk.archive.keys()].map((name) => name.split('/')[0] ?? ''))],
      };
    case 'list-archived':
      return { task: work.task, files: disk.listArchived(work.groups) };
    case 'export-archived':
      disk.exported.set(work.to, disk.archive.get(work.name)?.bytes ?? new Uint8Array(0));
      return { task: work.task };
    case 'look':
      return { task: work.task, rows: work.paths.map((path) => disk.row(path)) };
    case 'remove-archived':
      for (const name of work.names) disk.archive.delete(name);
      return { task: work.task };
    case 'copy-chunks':
      return {
        task: 'copy-chunks',
        outcomes: work.chunks.map(({ chunk, sources, targets }) => disk.copy(chunk, work.keys, sources, targets)),
      };
    case 'list-temps':
      return { task: 'list-temps', temps: disk.rootState.state === 'ok' ? [...disk.temps.keys()] : [] };
    case 'remove-temps':
      for (const temp of work.temps) disk.temps.delete(temp);
      return { task: 'remove-temps' };
    case 'watch':
      return { task: 'watch' };
    default:
      throw new Error(`no ${work.task} here`);
  }
}
