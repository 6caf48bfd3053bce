import { utf8, utf8Text } from '../bytes.js';
import type { StreamItem } from '../engine/index.js';
import type { SimDevice } from './device.js';

export const streamName = 'notes';

/** People and programs that append lines to a log, and a record of what they were told. */
export class Writers {
  /** Lines that were handed over. */
  readonly said = new Set<string>();
  /** Of those, the ones that were confirmed. */
  readonly confirmed = new Set<string>();
  #lines = 0;

  append(device: SimDevice, folder: string): void {
    const line = `line ${++this.#lines} of ${device.name}`;
    this.said.add(line);
    device.command({ command: 'append', folder, stream: streamName, items: [utf8(line)] }, ({ code }) => {
      if (code === undefined) this.confirmed.add(line);
    });
  }

  /** A device has lost what it was told after these lines were confirmed, unless others have it. */
  lost(device: SimDevice, confirmed: ReadonlySet<string>): void {
    for (const line of this.confirmed) {
      if (!confirmed.has(line) && line.endsWith(` of ${device.name}`)) this.confirmed.delete(line);
    }
  }
}

/** A stream in a form that is equal for equal streams. */
export function streamText(items: readonly StreamItem[]): readonly string[] {
  return items.map(({ device, seq, index, data }) => `${device} ${seq} ${index} ${utf8Text(data) ?? ''}`).sort();
}
