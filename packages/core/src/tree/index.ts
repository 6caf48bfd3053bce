/** The tree of files: versions, what is shown of them, and the planner of three trees (`spec/07`). */
export {
  aboveOf,
  type BrakeWindow,
  brakeWindowMs,
  type ChangeKind,
  type ChangeSide,
  type CountedKind,
  conflictWindowMs,
  contentsMade,
  isStorm,
  isTooMuch,
  mayEmpty,
  type PendingChange,
  pendingChanges,
  stormyChanges,
  type Withheld,
  windowAt,
  withhold,
} from './brake.js';
export { type ClosureLookup, closeSet } from './closed-set.js';
export {
  conflictDigitsMax,
  conflictDigitsMin,
  conflictName,
  isConflictName,
  originalPath,
} from './conflict-name.js';
export { Fingerprint, FingerprintHasher, fingerprintBuckets } from './fingerprint.js';
export { MemoryView } from './memory-view.js';
export { isPattern, patternFault } from './patterns.js';
export type {
  Conflict,
  LocalAct,
  LocalDelete,
  LocalPut,
  Need,
  Operation,
  Over,
  Plan,
  PlanInput,
  Unsyncable,
  Wait,
  WaitReason,
} from './plan-types.js';
export { planTree } from './planner.js';
export { adoptRecord, type FileRecord, fileRecordCodec, type RecordPlace, typeNumberOf, versionOf } from './record.js';
export type { BaseRow, DiskKind, DiskRow, DiskStat, ViewRow } from './rows.js';
export {
  bytesOfLines,
  ignoreFileName,
  type LocalRules,
  linesOf,
  noLocalRules,
  Rules,
  type RuleTexts,
  type Verdict,
} from './rules.js';
export { settledOf } from './settled.js';
export { recordActs, recordCopies, splitActs, type Touch, type TouchContext } from './touch.js';
export type {
  ConflictCopy,
  Made,
  PathState,
  Stamp,
  Standing,
  Vector,
  Version,
  VersionType,
  ViewLookup,
} from './types.js';
export {
  compareStamps,
  compareVectors,
  compareVersions,
  countedOf,
  directoryContent,
  extendVector,
  isContentOf,
  isLive,
  isLiveVersion,
  joinVectors,
  maximalOf,
  meetVectors,
  sameContent,
  vectorWithin,
  yieldsTo,
} from './versions.js';
export { pathState, viewRow } from './view.js';
