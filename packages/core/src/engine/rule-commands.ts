import { utf8 } from '../bytes.js';
import { CloudlessError, check } from '../errors.js';
import { ignoreFileBytesMax, localPatternsMax } from '../limits.js';
import { bytesOfLines, ignoreFileName, isPattern, patternFault } from '../tree/index.js';
import type { Command } from './commands.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';
import type { FolderSettings } from './home.js';
import type { FolderTree } from './tree/index.js';

type RuleCommand = Extract<Command, { readonly command: 'ignore' | 'want' }>;
type Done = (outcome: unknown) => void;

/** Adds or removes patterns, and tells all that then hold. Throws, or hands over, what stands in the way. */
export function changeRules(device: DeviceEngine, folder: FolderEngine, command: RuleCommand, done: Done): void {
  const { tree } = folder;
  check(tree !== undefined, 'usage', 'This folder has no files.');
  const patterns = command.patterns.map((pattern) => checkPattern(pattern.normalize('NFC')));
  const isShared = command.command === 'ignore' && !command.local;
  if (!isShared) changeLocal(device, folder, command, patterns);
  const tell = (shared: readonly string[]): void => done(rulesOf(device, folder, shared));
  if (!isShared || patterns.length === 0) return readShared(tree, tell, done);
  check(folder.logs.mayWrite(), 'not-allowed', 'Who may not write can ignore on this device alone: use --local.');
  tree.ignoreFile.edit(
    (lines) => changed(lines, command, patterns, 'The shared rules have'),
    (outcome) => (outcome instanceof CloudlessError ? done(outcome) : tell(outcome)),
  );
}

function readShared(tree: FolderTree, tell: (lines: readonly string[]) => void, done: Done): void {
  tree.ignoreFile.read((outcome) => (outcome instanceof CloudlessError ? done(outcome) : tell(outcome)));
}

function rulesOf(device: DeviceEngine, { folder, row }: FolderEngine, lines: readonly string[]): unknown {
  const { ignore, want } = device.home.folderSettings(folder);
  return { folder, name: row.name, shared: lines.filter(isPattern), local: ignore, want };
}

function changeLocal(
  device: DeviceEngine,
  folder: FolderEngine,
  command: RuleCommand,
  patterns: readonly string[],
): void {
  if (patterns.length === 0) return;
  const settings = device.home.folderSettings(folder.folder);
  const isWant = command.command === 'want';
  const before = isWant ? settings.want : settings.ignore;
  const after = changed(before, command, patterns, isWant ? 'What is wanted has' : 'The rules of this device have');
  check(after.length <= localPatternsMax, 'usage', `There can be ${localPatternsMax} patterns at most.`);
  const row: FolderSettings = isWant ? { ...settings, want: after } : { ...settings, ignore: after };
  device.home.putFolderSettings(folder.folder, row);
  folder.tree?.rulesChanged();
}

/** The lines with the patterns added or removed. Throws `not-found` for one that is to go and is not there. */
function changed(
  lines: readonly string[],
  { remove }: RuleCommand,
  patterns: readonly string[],
  who: string,
): readonly string[] {
  for (const pattern of patterns) {
    check(!remove || lines.includes(pattern), 'not-found', `${who} no pattern "${pattern}".`);
  }
  if (remove) return lines.filter((line) => !patterns.includes(line));
  const after = [...lines, ...new Set(patterns.filter((pattern) => !lines.includes(pattern)))];
  const { length } = bytesOfLines(after);
  check(length <= ignoreFileBytesMax, 'usage', `${ignoreFileName} would be longer than ${ignoreFileBytesMax} bytes.`);
  return after;
}

function checkPattern(pattern: string): string {
  check(pattern.trim() !== '', 'usage', 'A pattern is not empty.');
  check(!/[\n\r]/.test(pattern), 'usage', 'A pattern is one line.');
  check(!pattern.startsWith('#'), 'usage', `"${pattern}" would be a comment; write "\\${pattern}".`);
  check(utf8(pattern).length > 0 && !pattern.startsWith('/..'), 'usage', 'A pattern names what is in the folder.');
  const fault = patternFault(pattern);
  check(fault === undefined, 'usage', `"${pattern}" can't be used: ${fault}.`);
  return pattern;
}
