import fs from 'node:fs';
import path from 'node:path';

const waitMsMax = 30_000;

/** Resolves once a file has this text (`undefined`: is gone), by events. The daemon is not asked. */
export async function arrives(file: string, text: string | undefined): Promise<void> {
  const watching = new AbortController();
  const timer = setTimeout(() => watching.abort(), waitMsMax);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    if (read(file) === text) resolve();
  };
  const watcher = fs.watch(existing(path.dirname(file)), { recursive: true }, look);
  watching.signal.addEventListener('abort', () => reject(new Error(`${file} did not come: ${String(read(file))}`)));
  look();
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    watcher.close();
  }
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The nearest directory that is there. */
function existing(directory: string): string {
  return fs.existsSync(directory) ? directory : existing(path.dirname(directory));
}
