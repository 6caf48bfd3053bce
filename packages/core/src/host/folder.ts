import type { Level } from '../engine/index.js';
import type { Code, Device } from './device.js';
import { Log } from './log.js';

/** A folder on this device. Cheap to make; every method asks the device. */
export class Folder {
  readonly device: Device;
  /** Its id, or the name or path it was asked for by. */
  readonly id: string;

  /** For `Device`. */
  constructor(device: Device, id: string) {
    this.device = device;
    this.id = id;
  }

  /** Makes a single-use code that lets one person in. Default: level write, for a day. */
  invite(options: { readonly level?: Level | undefined; readonly ttlMs?: number | undefined } = {}): Promise<Code> {
    return this.device.invite(this.id, options);
  }

  /** A named stream of this folder: one append-only log a device, read as one. */
  log(name: string): Log {
    return new Log(this, name);
  }

  /**
   * Resolves once this device is in step: looked at, a member connected, heads equal, nothing pending. Rejects with
   * `timeout`.
   */
  async inStep(options: { readonly timeoutMs?: number | undefined } = {}): Promise<string> {
    const result = await this.device.run({ command: 'wait', folder: this.id, timeoutMs: options.timeoutMs });
    return (result as { readonly fingerprint?: string }).fingerprint ?? '';
  }

  /** As in `cloudless status`. */
  async status(): Promise<Readonly<Record<string, unknown>>> {
    const status = (await this.device.run({ command: 'status', folder: this.id })) as {
      readonly folders: readonly Readonly<Record<string, unknown>>[];
    };
    return status.folders[0] ?? {};
  }
}
