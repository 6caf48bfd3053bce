import type { WaitReason } from '../../tree/index.js';
import { ignoreFileName } from '../../tree/index.js';
import type { TreeCore } from './core.js';
import type { Applier } from './remote.js';

/** Why a path is as it is. */
export interface Explanation {
  readonly state: 'inStep' | 'syncing' | 'waiting' | 'stopped' | 'error';
  /** For a person: the reason, and what would change it. */
  readonly reason: string;
}

const waitTexts: Readonly<Record<WaitReason, string>> = {
  unknown: 'It, or something above or below it, could not be read. It goes on once it can be.',
  'record-first': 'What was changed here is recorded first.',
  hash: 'It was changed here and is being read.',
  content: 'Its content is being fetched.',
  parent: 'The directory above is not there yet.',
  'in-the-way': 'Something else stands at its place and has to go first.',
  'not-empty': 'The directory is not empty of things that stay.',
  partner: 'Another path needs the content from here first.',
  twin: 'Another name that this disk can not tell from it has to go first.',
  'too-many-versions': 'It has too many versions at once. Settle its conflicts.',
  'vector-full': 'Too many devices have changed it.',
  quarantine: 'The folder no longer knows it: "approve" shares it anew, "reject" puts it into the archive.',
};

const heldTexts = {
  out: 'Its change here is one of so many at once that it is not shared before you approve or reject it.',
  in: 'Its change elsewhere is one of so many at once that it is not done here before you approve or reject it.',
} as const;

/** What becomes of damaged files, and what a person can do. */
function rescue(isHelpNear: boolean): string {
  const fetched = isHelpNear
    ? 'The content is fetched from those who have it'
    : 'The content is fetched once somebody is connected who has it';
  const hint = 'Look after the disk; what is right as it is can be saved anew.';
  return `${fetched}, and what is here goes to the archive. ${hint}`;
}

/** What `status` says of damaged files. */
export function damageText(first: string, count: number, isHelpNear: boolean): string {
  const what = count === 1 ? `The bytes of ${first}` : `The bytes of ${count} files, the first ${first},`;
  return `${what} changed on this disk, though nobody wrote there. ${rescue(isHelpNear)}`;
}

/** The state of one path. Plans it, and does nothing. */
export function explain(core: TreeCore, applier: Applier, path: string): Explanation {
  if (core.context.isView(path)) return { state: 'inStep', reason: 'A log shown as a file on this device alone.' };
  const unnameable = unnameableReason(core, path);
  if (unnameable !== undefined) return { state: 'waiting', reason: unnameable };
  const left = ruleText(core, path);
  if (left !== undefined) return { state: 'inStep', reason: left };
  const unsyncable = core.unsyncable.get(path);
  if (unsyncable !== undefined) return { state: 'waiting', reason: unsyncable };
  const trouble = core.troubles.get(path);
  if (trouble !== undefined) return { state: 'error', reason: trouble.reason };
  if (core.tables.isMarked('unrecorded', path)) {
    return {
      state: 'waiting',
      reason: 'It was changed here by a device that may not write: the change is kept and not shared.',
    };
  }
  const held = core.brake.get(path);
  if (held?.state === 'held') return { state: 'waiting', reason: heldTexts[held.side] };
  const disk = core.tables.disk(path);
  const isHelpNear = core.context.holders().length > 0;
  if (disk?.damaged === true) {
    const state = isHelpNear ? 'syncing' : 'waiting';
    return { state, reason: `Its bytes changed on this disk, though nobody wrote to it. ${rescue(isHelpNear)}` };
  }
  if (disk?.kind === 'unreadable' || disk?.kind === 'other') {
    return {
      state: 'waiting',
      reason: disk.reason ?? (disk.kind === 'other' ? 'It is no file, directory or link.' : waitTexts.unknown),
    };
  }
  return planned(core, applier, path);
}

/** Why a name on disk can't be said; also of one that is no text, which nobody can ask for as it is. */
function unnameableReason(core: TreeCore, path: string): string | undefined {
  const found = core.unnameable.get(path);
  if (found !== undefined || !path.includes('\ufffd')) return found;
  const isIt = ([name]: readonly [string, string]): boolean => {
    return !name.isWellFormed() && lossy(name) === path.replace(/\ufffd+/gu, '\ufffd');
  };
  return [...core.unnameable].find(isIt)?.[1];
}

/** The name as programs show it that take it for text. */
function lossy(name: string): string {
  return name.replace(/[\udc80-\udcff]+/g, '\ufffd');
}

/** Why the rules leave a path out, and what would change that. */
function ruleText(core: TreeCore, path: string): string | undefined {
  const verdict = core.judge(path);
  if (verdict.rule === 'sync') return undefined;
  if (verdict.rule === 'unwanted')
    return 'It is not among what this device wants of the folder; "want" lists that, and adds to it.';
  const { pattern, line } = verdict;
  return line === undefined
    ? `It is ignored by the rule "${pattern}" of this device; "ignore --local --remove" takes that back.`
    : `It is ignored by line ${line} of ${ignoreFileName}, "${pattern}"; "ignore --remove" takes that back.`;
}

function planned(core: TreeCore, applier: Applier, path: string): Explanation {
  const plan = applier.planFor([path]);
  const need = plan.needs.find((each) => each.path === path);
  if (need !== undefined) {
    const nobody = core.context.holders().length === 0;
    const shortage = applier.shortage(need.version);
    if (shortage !== undefined) return { state: 'waiting', reason: shortage };
    return nobody
      ? { state: 'waiting', reason: 'Its content is not on this device, and nobody is connected who may have it.' }
      : { state: 'syncing', reason: waitTexts.content };
  }
  const wait = plan.waits.find((each) => each.path === path);
  if (wait !== undefined) {
    const left = wait.on === undefined ? undefined : ruleText(core, wait.on);
    const on = wait.on === undefined ? '' : ` (${wait.on})${left === undefined ? '' : ` ${left}`}`;
    return {
      state: wait.reason === 'hash' || wait.reason === 'record-first' ? 'syncing' : 'waiting',
      reason: waitTexts[wait.reason] + on,
    };
  }
  if (plan.operations.some((operation) => operation.path === path))
    return { state: 'syncing', reason: 'It is about to be applied.' };
  const conflict = plan.conflicts.find((each) => each.path === path);
  if (conflict !== undefined) {
    return {
      state: 'inStep',
      reason: `It has conflict copies beside it: ${conflict.copies.map((copy) => copy.path).join(', ')}.`,
    };
  }
  if (core.tables.base(path) === undefined && disk(core, path) === undefined)
    return { state: 'inStep', reason: 'There is nothing of this name.' };
  return { state: 'inStep', reason: 'It is the same here as in the folder.' };
}

function disk(core: TreeCore, path: string): unknown {
  return core.tables.disk(path);
}
