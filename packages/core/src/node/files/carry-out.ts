import type { Crypto } from '../../crypto/index.js';
import type { RootOptions } from '../../ports/index.js';
import type { DiskRow, RuleTexts } from '../../tree/index.js';
import { Watches } from '../watch/index.js';
import { fileError } from './anchor.js';
import type { Call, TakeItem } from './calls.js';
import { FolderFiles } from './folder-files.js';
import { prepareRoot } from './roots.js';

type Anything = (...args: never[]) => unknown;

/** Carries out calls on this thread: one instance each thread. */
export class LocalFiles {
  readonly #files: FolderFiles;
  readonly #watches = new Watches();

  constructor(crypto: Crypto) {
    this.#files = new FolderFiles(crypto);
  }

  async call(call: Call, item: TakeItem = () => undefined): Promise<unknown> {
    const { root, method, args } = call;
    try {
      if (method === 'scan') return this.#scan(call, item);
      if (method === 'watch') return this.#watches.begin(root, args[0] as string, item);
      if (method === 'unwatch') return this.#watches.end(root, args[0] as string);
      if (method === 'prepareRoot') return prepareRoot(root, args[0] as RootOptions);
      const act = this.#files[method as 'hash'] as Anything;
      return await act.call(this.#files, root as never, ...(args as never[]));
    } catch (error) {
      throw fileError(error);
    }
  }

  async close(): Promise<void> {
    this.#watches.close();
  }

  #scan({ root, args }: Call, item: TakeItem): unknown {
    const [folder, paths, rules] = args as [never, readonly string[] | 'all', RuleTexts | undefined];
    const watched = this.#watches.look(root);
    return this.#files.scan(root, folder, paths, (slice: readonly DiskRow[]) => item(slice), rules, watched);
  }
}
