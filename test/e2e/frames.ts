/** What becomes of a frame on its way: the frames (length included) that go out in its place. */
export type FrameHandler = (frame: Buffer, index: number) => readonly Buffer[];

/** Bytes of the listener's part of the handshake, before its first frame (`spec/08`). */
const handshakeBytes = 96;
const lengthBytes = 2;

/** Finds the frames in what a listener sends, which are sealed but not hidden, and lets a handler change them. */
export class FrameEditor {
  readonly #handler: FrameHandler;
  #waiting: Buffer = Buffer.alloc(0);
  #handshakeLeft = handshakeBytes;
  #index = 0;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  edit(bytes: Uint8Array): Buffer {
    const plain = Buffer.from(bytes.subarray(0, this.#handshakeLeft));
    this.#handshakeLeft -= plain.length;
    this.#waiting = Buffer.concat([this.#waiting, bytes.subarray(plain.length)]);
    const out: Buffer[] = [plain];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      out.push(...this.#handler(frame, this.#index++));
    }
    return Buffer.concat(out);
  }

  #next(): Buffer | undefined {
    if (this.#waiting.length < lengthBytes) return undefined;
    const end = lengthBytes + this.#waiting.readUInt16BE(0);
    if (this.#waiting.length < end) return undefined;
    const frame = this.#waiting.subarray(0, end);
    this.#waiting = this.#waiting.subarray(end);
    return frame;
  }
}
