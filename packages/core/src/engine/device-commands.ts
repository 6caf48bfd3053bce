import { CloudlessError, check, invariant } from '../errors.js';
import { createFolder } from '../membership/index.js';
import {
  checkPath,
  decodeBulk,
  formatLink,
  formatTypedCode,
  formatWords,
  freshDeviceKeys,
  freshPersonKeys,
  parseCode,
  tick,
} from '../model/index.js';
import { history, restore } from './archive-commands.js';
import { answerBrake, treeOf } from './brake-commands.js';
import { Checkups } from './checkups.js';
import { listCodes, revokeCode } from './code-commands.js';
import type { Command, StreamItem } from './commands.js';
import { describeConflicts, resolveConflict, revertChanges } from './conflict-commands.js';
import type { Link } from './connections.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';
import { memberCommand, rankOfLevel } from './member-commands.js';
import { changeLimits, setPaused } from './pause-commands.js';
import { describeFolder, describePeers, describeStatus, levelOf } from './reports.js';
import { changeRules } from './rule-commands.js';
import { Tails } from './tails.js';
import { Waiters } from './waiters.js';

const nameBytesMax = 255;
const idPrefixMin = 4;

type CommandOf<T extends Command['command']> = Extract<Command, { readonly command: T }>;

/** Carries out commands: each gets one reply or one refusal, with the id it came under. */
export class Commands {
  readonly #device: DeviceEngine;
  readonly #tails: Tails;
  readonly #waiters: Waiters;
  readonly #checkups: Checkups;

  constructor(device: DeviceEngine) {
    this.#device = device;
    this.#tails = new Tails(device);
    this.#waiters = new Waiters(device);
    this.#checkups = new Checkups(device);
  }

  run(id: number, command: Command): void {
    try {
      this.#run(id, command);
    } catch (error) {
      this.#reject(id, error);
    }
  }

  cancel(id: number): void {
    this.#tails.cancel(id);
    this.#waiters.cancel(id);
    this.#checkups.cancel(id);
  }

  /** Called at the end of each step. */
  settle(): void {
    this.#tails.step();
    this.#waiters.step();
    this.#checkups.step();
  }

  clockWentBack(byMs: number): void {
    this.#waiters.clockWentBack(byMs);
  }

  nextWake(): number | undefined {
    return this.#waiters.nextWake();
  }

  items(items: readonly StreamItem[]): void {
    this.#tails.items(items);
  }

  /** A peer wants chunks on a bulk stream. Throws `protocol` when it may not. */
  serve(link: Link, stream: number, bytes: Uint8Array): void {
    const message = decodeBulk(bytes);
    check(message?.type === 'want', 'protocol', 'A bulk stream begins with what is wanted.');
    const id = link.theirs.get(message.channel);
    const folder = id === undefined ? undefined : this.#device.folder(id);
    const peer = folder?.sync.peer(link.connection);
    check(folder !== undefined && peer?.proven === true, 'protocol', 'Chunks are for members only.');
    const missing = message.ids.map((id) => ({ id, also: [] }));
    const served = folder.tree?.serve(message.ids) ?? { chunks: [], missing, unsure: [], nodes: [] };
    const { connection } = link;
    this.#device.emit({ type: 'serve', connection, stream, folder: folder.folder, root: folder.row.root, ...served });
  }

  /** The folder of that name, id prefix, or with that path in it. Throws `not-found` or `usage` (several). */
  resolve(text: string): FolderEngine {
    const folders = this.#device.folders();
    const byPath = folders.filter(
      ({ row }) => row.root !== undefined && (text === row.root || text.startsWith(`${row.root}/`)),
    );
    const byName = folders.filter(({ row }) => row.name === text);
    const byId =
      text.length >= idPrefixMin ? folders.filter(({ folder }) => folder.startsWith(text.toLowerCase())) : [];
    const found = [byPath, byName, byId].find((each) => each.length > 0) ?? [];
    check(found.length <= 1, 'usage', `Several folders are called "${text}"; use the beginning of an id.`);
    const [folder] = found;
    check(folder !== undefined, 'not-found', `There is no folder "${text}" here; "folders" lists them.`);
    return folder;
  }

  #run(id: number, command: Command): void {
    switch (command.command) {
      case 'create':
        return this.#create(id, command);
      case 'invite':
        return this.#reply(id, this.#invite(command));
      case 'join':
        return this.#join(id, command);
      case 'relink':
        return this.#device.roots.relink(this.resolve(command.folder), command.path, command.merge, this.#settle(id));
      case 'leave':
        return this.#device.roots.leave(this.resolve(command.folder), command.erase, this.#answer(id));
      case 'wait':
        return this.#waiters.add(id, this.#some(command.folder), command.timeoutMs);
      case 'doctor':
        return this.#checkups.add(id, command.quick);
      case 'tail':
        return this.#tails.add(id, this.resolve(command.folder), command);
      case 'append':
        return this.#append(id, command);
      case 'log-files':
        return this.#logFiles(id, command);
      case 'ignore':
      case 'want':
        return changeRules(this.#device, this.resolve(command.folder), command, this.#answer(id));
      case 'pause':
      case 'resume':
        return this.#reply(id, this.#pause(command));
      case 'limit':
        return this.#reply(id, changeLimits(this.#device, command));
      case 'resolve':
        return resolveConflict(this.resolve(command.path), command.path, command.keep, this.#answer(id));
      case 'revert':
        return revertChanges((path) => this.resolve(path), command.paths, this.#answer(id));
      case 'members':
      case 'kick':
      case 'rank':
      case 'policy':
      case 'rotate':
        return this.#reply(id, memberCommand(this.#device, this.resolve(command.folder), command));
      case 'restore':
        return restore(this.resolve(command.path), command, this.#answer(id));
      default:
        return this.#reply(id, this.#report(command));
    }
  }

  #report(
    command:
      | CommandOf<
          | 'folders'
          | 'status'
          | 'peers'
          | 'conflicts'
          | 'why'
          | 'plan'
          | 'approve'
          | 'reject'
          | 'history'
          | 'codes'
          | 'revoke'
          | 'config'
          | 'info'
        >
      | CommandOf<'subscribe'>,
  ): unknown {
    const device = this.#device;
    switch (command.command) {
      case 'folders':
        return device.folders().map((folder) => describeFolder(folder));
      case 'status':
        return {
          folders: this.#some(command.folder).map((folder) => describeStatus(folder)),
          peers: describePeers(device),
        };
      case 'peers':
        return describePeers(device);
      case 'conflicts':
        return describeConflicts(this.#some(command.folder));
      case 'why':
        return this.#why(command.path);
      case 'plan':
        return treeOf(this.resolve(command.folder)).plan(command.after);
      case 'approve':
      case 'reject':
        return answerBrake(this.resolve(command.folder), command.command);
      case 'history':
        return history(this.resolve(command.path), command.path);
      case 'codes':
        return listCodes(device.codes, this.resolve(command.folder));
      case 'revoke':
        return revokeCode(device.codes, this.resolve(command.folder), command.code);
      case 'config':
        return this.#config(command);
      case 'info':
        return { listen: device.listening, folders: device.folders().length };
      case 'subscribe':
        return {};
    }
  }

  #create(id: number, command: CommandOf<'create'>): void {
    const known = this.#device.folders().find(({ row }) => row.root !== undefined && row.root === command.path);
    if (known !== undefined) return this.#reply(id, describeFolder(known));
    if (command.path === undefined) return this.#reply(id, describeFolder(this.#make(command, undefined)));
    this.#device.roots.prepare(command.path, { create: false }, (outcome) => {
      if (outcome instanceof CloudlessError) return this.#reject(id, outcome);
      try {
        this.#reply(id, describeFolder(this.#make(command, outcome)));
      } catch (error) {
        this.#reject(id, error);
      }
    });
  }

  #make(command: CommandOf<'create'>, root: string | undefined): FolderEngine {
    const device = this.#device;
    const random = (length: number): Uint8Array => device.random.bytes(length);
    const keys = freshDeviceKeys(random);
    const person = freshPersonKeys(random);
    const name = folderName(command.name ?? root?.split('/').at(-1) ?? 'folder');
    const made = createFolder(device.crypto, random, {
      kind: command.kind,
      device: keys,
      person,
      clock: tick(0n, device.now()),
    });
    const row = {
      folder: made.folder,
      name,
      kind: command.kind,
      root,
      ...keys,
      personSignSeed: person.signSeed,
      personBoxSecret: person.boxSecret,
      viewStreams: [],
    };
    const folder = device.attach(row);
    folder.logs.adopt([made.genesis, made.epochEntry]);
    device.home.putFolder(row);
    device.keep(folder);
    return folder;
  }

  #invite(command: CommandOf<'invite'>): unknown {
    const folder = this.resolve(command.folder);
    const { listening, codes } = this.#device;
    const code = codes.make(folder, rankOfLevel[command.level], command.ttlMs, command.memberMs);
    const link = formatLink({
      type: 'code',
      secret: code.secret,
      maker: folder.device,
      addresses: listening.slice(0, 8),
    });
    return {
      ...describeFolder(folder),
      level: command.level,
      id: code.codeId,
      code: formatTypedCode(code.secret),
      words: formatWords(code.secret),
      link,
      expires: new Date(code.expiresMs).toISOString(),
      ...(code.memberMs === undefined ? {} : { memberMs: code.memberMs }),
    };
  }

  #join(id: number, command: CommandOf<'join'>): void {
    const { path, parent } = command;
    parseCode(command.code);
    const begin = (root: string | undefined): void => {
      const giveUpMs = this.#device.now() + command.timeoutMs;
      this.#device.joins.join(command.code, { root, parent }, giveUpMs, (outcome) => {
        if (outcome instanceof CloudlessError) return this.#reject(id, outcome);
        this.#reply(id, {
          folder: outcome.folder,
          name: outcome.name,
          path: outcome.root,
          level: levelOf(outcome.rank),
        });
      });
    };
    if (path === undefined) return begin(undefined);
    this.#device.roots.prepare(path, { create: false, token: 'any' }, (outcome) => {
      if (outcome instanceof CloudlessError && outcome.code !== 'not-found') return this.#reject(id, outcome);
      try {
        begin(outcome instanceof CloudlessError ? path : outcome);
      } catch (error) {
        this.#reject(id, error);
      }
    });
  }

  #append(id: number, command: CommandOf<'append'>): void {
    const folder = this.resolve(command.folder);
    const stream = streamName(command.stream);
    const runs = folder.append(stream, command.items);
    const last = runs.at(-1);
    const place = { seq: last?.seq, index: (last?.firstIndex ?? 0) + (last?.count ?? 0) - 1 };
    this.#reply(id, { folder: folder.folder, stream, device: folder.device, ...place, runs });
  }

  #logFiles(id: number, command: CommandOf<'log-files'>): void {
    const folder = this.resolve(command.folder);
    check(folder.row.root !== undefined, 'usage', 'This folder has no directory to show files in.');
    const stream = checkPath(streamName(command.stream));
    check(!stream.includes('/'), 'usage', 'The name of a log that is shown as files has no "/" in it.');
    const others = folder.row.viewStreams.filter((each) => each !== stream);
    folder.row = { ...folder.row, viewStreams: command.on ? [...others, stream] : others };
    this.#device.home.putFolder(folder.row);
    if (command.on) folder.views.walk(stream);
    this.#reply(id, { folder: folder.folder, stream, on: command.on });
  }

  #pause({ command, folder: name }: CommandOf<'pause' | 'resume'>): unknown {
    return this.#some(name).map((folder) => {
      setPaused(this.#device, folder, command === 'pause');
      return describeFolder(folder);
    });
  }

  #why(path: string): unknown {
    const folder = this.resolve(path);
    const { root } = folder.row;
    invariant(root !== undefined || folder.tree === undefined, 'a tree has a root');
    if (root === undefined || folder.tree === undefined)
      return { path, state: 'error', reason: 'This folder has no files.' };
    const inside = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : '';
    return inside === '' ? { path, ...describeStatus(folder) } : { path, ...folder.tree.why(inside) };
  }

  #config(command: CommandOf<'config'>): unknown {
    const { home } = this.#device;
    if (command.key === undefined) return home.settings();
    if (command.value !== undefined) home.putSetting(command.key, command.value);
    return { [command.key]: home.setting(command.key) ?? null };
  }

  #some(folder: string | undefined): readonly FolderEngine[] {
    return folder === undefined ? this.#device.folders() : [this.resolve(folder)];
  }

  /** Answers a command with a folder's row, or with what went wrong. */
  #settle(id: number): (outcome: FolderEngine | CloudlessError) => void {
    const answer = this.#answer(id);
    return (outcome) => answer(outcome instanceof CloudlessError ? outcome : describeFolder(outcome));
  }

  /** Replies with what it is given, or rejects where that is an error. */
  #answer(id: number): (outcome: unknown) => void {
    return (outcome) => {
      if (outcome instanceof CloudlessError) this.#reject(id, outcome);
      else this.#reply(id, outcome);
    };
  }

  #reply(id: number, result: unknown): void {
    this.#device.emit({ type: 'reply', id, result });
  }

  #reject(id: number, error: unknown): void {
    if (!(error instanceof CloudlessError) || error.code === 'internal') throw error;
    const { code, message, details } = error;
    this.#device.emit({ type: 'reject', id, code, message, details });
  }
}

function folderName(name: string): string {
  const clean = name.normalize('NFC');
  check(
    clean.length > 0 && new TextEncoder().encode(clean).length <= nameBytesMax,
    'usage',
    `A folder's name has 1 to ${nameBytesMax} bytes.`,
  );
  check(!clean.includes('/'), 'usage', 'The name of a folder has no "/" in it.');
  return checkPath(clean);
}

function streamName(name: string): string {
  const plain = [...name].every((character) => (character.codePointAt(0) ?? 0) >= 32);
  check(name.length > 0 && plain, 'usage', 'The name of a log has at least one character and no control characters.');
  check(new TextEncoder().encode(name).length <= 128, 'usage', 'The name of a log has at most 128 bytes.');
  return name;
}
