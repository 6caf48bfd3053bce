/** Cuts: the last entries that count of logs that somebody is put out with (`spec/03 §9`). */

import type { Head } from '../model/index.js';
import { type Causality, isBefore, type Node } from './causality.js';

export interface Cut {
  /** Entries that the cut names and its author had seen. */
  readonly named: readonly Node[];
}

/** A cut as far as its author had seen what it names. */
export function cutOf(graph: Causality, author: Node, heads: readonly Head[]): Cut {
  const named = heads.flatMap((head) => {
    const node = head.log === 'membership' ? graph.byHash.get(head.hash) : undefined;
    if (node === undefined || !isBefore(node, author)) return [];
    const { device, seq } = node.entry.header;
    return device === head.device && seq === head.seq ? [node] : [];
  });
  return { named };
}

/** Whether an entry is one that the cut names, or before it in its log. */
export function isWithin(cut: Cut, node: Node): boolean {
  return cut.named.some((named) => named.log === node.log && (named === node || isBefore(node, named)));
}
