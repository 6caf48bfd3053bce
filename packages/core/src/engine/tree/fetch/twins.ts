import type { ContentId } from '../../../model/index.js';

/** Paths that wait until another path has the same content. */
export class Twins {
  readonly #waiting = new Map<ContentId, Set<string>>();

  add(content: ContentId, path: string): void {
    const waiting = this.#waiting.get(content);
    if (waiting === undefined) this.#waiting.set(content, new Set([path]));
    else waiting.add(path);
  }

  has(content: ContentId, path: string): boolean {
    return this.#waiting.get(content)?.has(path) === true;
  }

  /** They wait no more. */
  take(content: ContentId): Iterable<string> {
    const waiting = this.#waiting.get(content) ?? [];
    this.#waiting.delete(content);
    return waiting;
  }
}
