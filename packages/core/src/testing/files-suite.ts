import { makeCases, replaceCases } from './files-apply-cases.js';
import { archiveCases } from './files-archive-cases.js';
import { chunkCases, hashCases, readCases } from './files-content-cases.js';
import { groupCases, removeCases } from './files-group-cases.js';
import { viewCases, watchCases } from './files-live-cases.js';
import { claimCases, scanCases } from './files-scan-cases.js';
import type { FilesFeature, FilesWorld } from './files-world.js';
import { runCases, type SuiteRunner } from './suite.js';

export interface FilesSuiteOptions {
  readonly runner: SuiteRunner;
  /** What the machine can do. Default: all. */
  readonly features?: readonly FilesFeature[] | undefined;
  /** Makes an empty directory to be a root, and who works in it. Each case gets its own. */
  readonly make: () => Promise<FilesWorld>;
}

/** What every implementation of `Files` promises. */
export function filesSuite(name: string, options: FilesSuiteOptions): void {
  const { runner, make, features = ['symlinks', 'executable', 'unreadable'] } = options;
  const world = { make, features: new Set<string>(features) };
  const groups = {
    claim: claimCases,
    scan: scanCases,
    hash: hashCases,
    read: readCases,
    chunks: chunkCases,
    make: makeCases,
    replace: replaceCases,
    archive: archiveCases,
    'remove and rename': removeCases,
    groups: groupCases,
    views: viewCases,
    watch: watchCases,
  };
  for (const [group, cases] of Object.entries(groups)) runCases(runner, `${name}: ${group}`, cases, world);
}
