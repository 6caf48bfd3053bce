import type { ArchiveTask, Effect, Input, Task, TaskId, TaskResult } from '../engine/index.js';
import { CloudlessError } from '../errors.js';
import type { FolderId } from '../model/index.js';
import type { Files, FilesProvider, Logger } from '../ports/index.js';
import type { DiskRow } from '../tree/index.js';

type TaskEffect = Extract<Effect, { readonly type: 'task' }>;

type PlainTask = Extract<Task, { readonly task: 'flush-temps' | 'remove-temps' | 'release' | 'erase' | 'write-view' }>;

export interface TaskRunnerOptions {
  readonly files: FilesProvider;
  readonly logger: Logger;
  readonly post: (input: Input) => void;
  /** Takes what a scan found; resolves once there is room for more. */
  readonly rows: (task: TaskId, rows: readonly DiskRow[]) => Promise<void>;
}

/** Carries out the engine's tasks on the files of folders, and posts what came of them. */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  readonly #roots = new Map<string, Files>();
  readonly #watches = new Map<string, () => Promise<void>>();

  #closed = false;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  run(effect: TaskEffect): void {
    const { task } = effect;
    const done = (result: TaskResult): void => this.#options.post({ type: 'task-done', task, result });
    this.#work(effect).then(done, (error: unknown) => {
      const code = error instanceof CloudlessError ? error.code : 'io';
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.logger.log('warn', 'a task failed', { task: effect.work.task, code, reason });
      done({ task: 'failed', code, reason });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#watches.values()].map((stop) => stop()));
    await Promise.allSettled([...this.#roots.values()].map((files) => files.close()));
  }

  async #work({ task, folder, work }: TaskEffect): Promise<TaskResult> {
    if (work.task === 'prepare-root') {
      return { task: work.task, path: await this.#options.files.prepareRoot(work.path, work) };
    }
    const files = this.#files(work.root);
    switch (work.task) {
      case 'claim':
        return { task: work.task, root: await files.claim(folder as FolderId, work.create, work.more) };
      case 'scan':
        return {
          task: work.task,
          root: await files.scan(work.paths, (rows) => this.#options.rows(task, rows), work.rules),
        };
      case 'hash':
        return { task: work.task, outcome: await files.hash(work.path, work.expected, work.keys) };
      case 'read-file':
        return { task: work.task, outcome: await files.readFile(work.path, work.bytesMax) };
      case 'apply':
        return { task: work.task, results: await files.apply(work.operations, work.group) };
      case 'copy-chunks':
        return { task: work.task, outcomes: await copyChunks(files, work) };
      case 'look':
        return { task: work.task, rows: await files.look(work.paths) };
      case 'list-temps':
        return { task: work.task, temps: await files.listTemps() };
      case 'watch':
        await this.#watch(folder, work.root, files);
        return { task: work.task };
      case 'unwatch':
        await this.#unwatch(work.root);
        return { task: work.task };
      case 'flush-temps':
      case 'remove-temps':
      case 'write-view':
      case 'release':
      case 'erase':
        return this.#plain(files, work);
      default:
        return archiveWork(files, work);
    }
  }

  async #plain(files: Files, work: PlainTask): Promise<TaskResult> {
    if (work.task === 'flush-temps') await files.flushTemps(work.temps);
    else if (work.task === 'remove-temps') await files.removeTemps(work.temps);
    else if (work.task === 'write-view') await files.writeView(work.path, work.offset, work.bytes);
    else if (work.task === 'erase') await files.erase();
    else await files.release();
    return { task: work.task };
  }

  async #unwatch(root: string): Promise<void> {
    const stop = this.#watches.get(root);
    this.#watches.delete(root);
    await stop?.();
  }

  async #watch(folder: string, root: string, files: Files): Promise<void> {
    await this.#unwatch(root);
    const stop = await files.watch((hint) => this.#options.post({ type: 'hint', folder, ...hint }));
    if (this.#closed) return stop();
    this.#watches.set(root, stop);
  }

  #files(root: string): Files {
    let files = this.#roots.get(root);
    if (files === undefined) {
      files = this.#options.files.open(root);
      this.#roots.set(root, files);
    }
    return files;
  }
}

async function archiveWork(files: Files, work: ArchiveTask): Promise<TaskResult> {
  switch (work.task) {
    case 'hash-archived':
      return { task: 'hash', outcome: await files.hashArchived(work.name, work.expected, work.keys) };
    case 'recheck':
      return { task: work.task, stamps: await files.recheck(work.names) };
    case 'archive-groups':
      return { task: work.task, groups: await files.archiveGroups() };
    case 'list-archived':
      return { task: work.task, files: await files.listArchived(work.groups) };
    case 'export-archived':
      await files.exportArchived(work.name, work.to, work.above);
      return { task: work.task };
    case 'remove-archived':
      await files.removeArchived(work.names);
      return { task: work.task };
  }
}

async function copyChunks(
  files: Files,
  work: Extract<Task, { readonly task: 'copy-chunks' }>,
): Promise<Extract<TaskResult, { readonly task: 'copy-chunks' }>['outcomes']> {
  const outcomes = [];
  for (const { chunk, sources, targets } of work.chunks) {
    outcomes.push(await files.copyChunk(chunk, work.keys, sources, targets));
  }
  return outcomes;
}
