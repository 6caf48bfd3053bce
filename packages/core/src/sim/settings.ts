import type { Command } from '../engine/index.js';
import type { SimDevice } from './device.js';
import type { Prng } from './prng.js';

const patterns = ['a', 'b', 'dir', 'dir/sub', 'other/', '*.txt'] as const;

/** What people set at their own device while others work: folders that are paused, and what is left out there. */
export class Settings {
  readonly #prng: Prng;

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  /** Somebody changes their mind. */
  change(device: SimDevice, folder: string): void {
    const prng = this.#prng;
    const remove = prng.chance(0.4);
    const chosen = [prng.pick(patterns)];
    const choice = prng.int(1, 3);
    if (choice === 1) this.#tell(device, { command: remove ? 'resume' : 'pause', folder });
    else if (choice === 2) this.#tell(device, { command: 'ignore', folder, local: true, remove, patterns: chosen });
    else this.#tell(device, { command: 'want', folder, remove, patterns: chosen });
  }

  /** Everything is synced at a device that runs. */
  clear(device: SimDevice, folder: string): void {
    this.#tell(device, { command: 'resume', folder });
    for (const pattern of patterns) {
      this.#tell(device, { command: 'ignore', folder, local: true, remove: true, patterns: [pattern] });
      this.#tell(device, { command: 'want', folder, remove: true, patterns: [pattern] });
    }
  }

  #tell(device: SimDevice, command: Command): void {
    device.command(command, () => undefined);
  }
}
