/** A sync program that can be watched: some nodes on this machine with one folder in common. */
export interface Driver {
  /** Starts that many nodes; gives their directories, all on one file system. */
  start(nodes: number): Promise<readonly string[]>;
  /** Resolves when all say that they are in step. Anything that asks a person is answered with yes. */
  settle(): Promise<void>;
  /** Makes a node stand still, as a machine that sleeps does, and go on. */
  halt(node: number): void;
  go(node: number): void;
  /** Ends everything; nothing is left on the machine. */
  stop(): Promise<void>;
}
