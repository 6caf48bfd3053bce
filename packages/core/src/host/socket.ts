import type { ByteStream, StreamHandler } from '../ports/index.js';

/** A byte stream with what is known of it: whether it takes more, and who listens. */
export class Socket implements StreamHandler {
  readonly stream: ByteStream;
  /** May be written to now. */
  writable = true;
  open = true;
  onReceived: (bytes: Uint8Array) => void = () => undefined;
  onDrained: () => void = () => undefined;
  onClosed: (reason: string) => void = () => undefined;

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  received(bytes: Uint8Array): void {
    if (this.open) this.onReceived(bytes);
  }

  drained(): void {
    this.writable = true;
    if (this.open) this.onDrained();
  }

  closed(reason: string): void {
    if (!this.open) return;
    this.open = false;
    this.onClosed(reason);
  }

  write(bytes: Uint8Array): void {
    this.writable = this.stream.write(bytes) && this.writable;
  }

  close(): void {
    this.open = false;
    this.stream.close();
  }
}
