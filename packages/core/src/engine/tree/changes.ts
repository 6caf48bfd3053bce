import type { FileOperation, FileStamp } from '../../ports/index.js';
import type { DiskRow, Operation } from '../../tree/index.js';
import { stampOf } from './disk/local.js';

/** An operation of a plan that changes the disk. */
export type DiskOperation = Exclude<Operation, { readonly op: 'note' }>;

/** What must stand at a path. */
export function expectedOf(row: DiskRow | undefined): FileStamp | undefined {
  return row === undefined || row.kind === 'absent' ? undefined : stampOf(row);
}

/** The changes of the disk that an operation takes, but for those that need content. */
export function changesOf(operation: Exclude<DiskOperation, { readonly op: 'write' }>): readonly FileOperation[] {
  const { path, expect } = operation;
  const expected = expectedOf(expect);
  switch (operation.op) {
    case 'mkdir':
      return expected === undefined
        ? [{ type: 'make-directory', path }]
        : [
            { type: 'remove', path, expected },
            { type: 'make-directory', path },
          ];
    case 'rename':
      return [
        {
          type: 'rename',
          from: operation.from,
          path,
          expectedFrom: stampOf(operation.fromExpect as DiskRow),
          expected,
        },
      ];
    case 'symlink':
      return [{ type: 'place-symlink', path, target: operation.target, expected }];
    case 'meta':
      return [
        {
          type: 'set-metadata',
          path,
          mtimeUs: operation.mtimeUs,
          executable: operation.executable,
          expected: stampOf(expect as DiskRow),
        },
      ];
    case 'remove':
      return [{ type: 'remove', path, expected: stampOf(expect as DiskRow) }];
    case 'rmdir':
      return [{ type: 'remove-directory', path }];
  }
}
