/** Transport: byte streams to addresses. Nothing here is trusted; the channel proves everything. */

/** A bidirectional stream of bytes, in order, until it closes. */
export interface ByteStream {
  /** Shown to people: `192.0.2.7:4041`. */
  readonly remoteAddress: string;
  /** How the peer is reached. */
  readonly path: 'lan' | 'direct' | 'mapped' | 'punched' | 'relay';
  /**
   * Takes over the bytes and the memory under them, which may be given back once they are out. False asks to wait for
   * `drained` before the next write.
   */
  write(bytes: Uint8Array): boolean;
  /** Ends the stream; `closed` follows. */
  close(): void;
  /** Stops and restarts delivery of `received` (back-pressure). */
  pause(): void;
  resume(): void;
}

export interface StreamHandler {
  /** The bytes are not to be looked at after the call. */
  received(bytes: Uint8Array): void;
  drained(): void;
  closed(reason: string): void;
}

export interface Listener {
  /** Addresses that others may be able to dial, `host:port`. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

export interface Transport {
  /** Name of what addresses of this transport start with, e.g. `tcp`. */
  readonly name: string;
  /** Listens; `accept` gets each stream and answers with its handler. */
  listen(address: string | undefined, accept: (stream: ByteStream) => StreamHandler): Promise<Listener>;
  /** Dials `host:port`; rejects with `unreachable` or `timeout`. */
  dial(address: string, open: (stream: ByteStream) => StreamHandler, timeoutMs: number): Promise<ByteStream>;
}
