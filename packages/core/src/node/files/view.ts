import { closeSync, constants, fstatSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { check } from '../../errors.js';
import { checkPath } from '../../model/index.js';
import { look, withParent } from './anchor.js';
import { syncDirectory } from './sync.js';

const { O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_WRONLY } = constants;

/**
 * Writes into a log that is shown as a file, `NAME/DEVICE.log`, at `offset`; makes both if need be. Durable when it
 * returns.
 */
export function writeView(root: string, path: string, offset: number, bytes: Uint8Array): void {
  const [directory = ''] = checkPath(path).split('/');
  withParent(root, directory, (anchor, name) => {
    if (look(anchor.at(name)) !== undefined) return;
    mkdirSync(anchor.at(name));
    syncDirectory(anchor.base);
  });
  withParent(root, path, (anchor, name) => {
    const isNew = look(anchor.at(name)) === undefined;
    const handle = openSync(anchor.at(name), O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o666);
    try {
      check(fstatSync(handle).isFile(), 'unsafe-path', `${path} is no file.`);
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(handle, bytes, done, bytes.length - done, offset + done);
      }
      fsyncSync(handle);
      if (isNew) syncDirectory(anchor.base);
    } finally {
      closeSync(handle);
    }
  });
}
