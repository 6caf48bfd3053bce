/** What a path shows at one node: the text of a file, or nothing. */
export type Value = string | undefined;

/** What was seen of one path, in the order it was seen. */
export type Observation =
  | { readonly type: 'read'; readonly node: number; readonly value: Value }
  /** `blind`: what was overwritten could not be told. */
  | {
      readonly type: 'write';
      readonly node: number;
      readonly old: Value;
      readonly value: string;
      readonly blind?: boolean;
    }
  /** Written to a file that the program had just taken away. */
  | { readonly type: 'late'; readonly node: number; readonly value: string }
  | { readonly type: 'delete'; readonly node: number; readonly old: Value }
  /** A conflict copy that somebody removed together with what it was in. */
  | { readonly type: 'drop'; readonly value: string }
  | { readonly type: 'stable'; readonly value: Value; readonly copies: readonly string[] };

interface Node {
  readonly value: Value;
  /** Nobody has said anything that this node hasn't heard. */
  readonly fresh: boolean;
  /** It has something to say. */
  readonly dirty: boolean;
}

interface State {
  readonly global: Value;
  /** What gave way to another without having been overwritten: to be shown as conflict copies. */
  readonly lost: readonly string[];
  readonly nodes: readonly Node[];
  readonly late: readonly string[];
}

export interface Verdict {
  readonly explained: boolean;
  /** How many observations have an explanation. */
  readonly upTo: number;
  /** The most states that were possible at once. */
  readonly states: number;
}

const statesMax = 200_000;

/**
 * Whether some order of hidden steps explains what was seen of one path. The steps are those of Hughes, Pierce, Arts
 * and Norell ("Mysteries of Dropbox"): a node says what it has (up), or takes what others said (down). One difference:
 * of two values that knew nothing of each other either may be the one that stays, for there is no server that sees
 * them in an order.
 */
export function explain(nodes: number, observations: readonly Observation[]): Verdict {
  const node: Node = { value: undefined, fresh: true, dirty: false };
  let states = closure([{ global: undefined, lost: [], nodes: Array.from({ length: nodes }, () => node), late: [] }]);
  let most = states.length;
  const known = new Set<string>();
  for (const [index, seen] of observations.entries()) {
    if (seen.type === 'drop') known.add(seen.value);
    if ((seen.type === 'write' || seen.type === 'delete') && seen.old !== undefined && !isBlind(seen))
      known.add(seen.old);
    states = closure(states.flatMap((state) => observe(state, seen, known)));
    if (states.length === 0) return { explained: false, upTo: index, states: most };
    most = Math.max(most, states.length);
  }
  return { explained: true, upTo: observations.length, states: most };
}

function isBlind(seen: Observation): boolean {
  return seen.type === 'write' && seen.blind === true;
}

/** All states that hidden steps lead to, those given included. */
function closure(states: readonly State[]): readonly State[] {
  const found = new Map(states.map((state) => [JSON.stringify(state), state]));
  const waiting = [...found.values()];
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    for (const next of hidden(state)) {
      const key = JSON.stringify(next);
      if (found.has(key)) continue;
      if (found.size >= statesMax) throw new Error('too many states: give the run fewer acts between stable points');
      found.set(key, next);
      waiting.push(next);
    }
  }
  return [...found.values()];
}

function hidden(state: State): readonly State[] {
  const steps = state.nodes.flatMap((node, index) => {
    if (node.dirty) return up(state, node, index);
    return node.fresh ? [] : [down(state, index)];
  });
  return [...steps, ...state.late.flatMap((value) => upLate(state, value))];
}

function down(state: State, index: number): State {
  return withNode(state, index, { value: state.global, fresh: true, dirty: false });
}

function up(state: State, node: Node, index: number): readonly State[] {
  const { value } = node;
  const said = { ...node, dirty: false };
  if (node.fresh || value === state.global) return [spread(withNode(state, index, said), value, index)];
  if (value === undefined) return [withNode(state, index, said)];
  const wins = spread(withNode(state, index, said), value, index);
  if (state.global === undefined) return [wins];
  return [{ ...wins, lost: sorted(state.lost, state.global) }, losing(withNode(state, index, said), value)];
}

function upLate(state: State, value: string): readonly State[] {
  const rest = { ...state, late: state.late.filter((each) => each !== value) };
  const wins = spread(rest, value, -1);
  if (state.global === undefined) return [wins, losing(rest, value)];
  return [{ ...wins, lost: sorted(state.lost, state.global) }, losing(rest, value)];
}

/** The value is what everybody is to have now; only who said it has heard of it. */
function spread(state: State, value: Value, by: number): State {
  const changed = value !== state.global;
  const nodes = state.nodes.map((node, index) => {
    if (index === by) return { ...node, fresh: true };
    return changed ? { ...node, fresh: false } : node;
  });
  return { ...state, global: value, nodes };
}

function losing(state: State, value: string): State {
  return { ...state, lost: sorted(state.lost, value) };
}

function sorted(values: readonly string[], value: string): readonly string[] {
  return [...new Set([...values, value])].sort();
}

function withNode(state: State, index: number, node: Node): State {
  return { ...state, nodes: state.nodes.map((each, other) => (other === index ? node : each)) };
}

/** The states after an observation; none if it could not have been made in this one. */
function observe(state: State, seen: Observation, known: ReadonlySet<string>): readonly State[] {
  if (seen.type === 'drop') return [state];
  if (seen.type === 'stable') return stable(state, seen, known);
  if (seen.type === 'late') return [{ ...state, late: [...state.late, seen.value] }];
  const node = state.nodes[seen.node];
  if (node === undefined) throw new Error(`no node ${seen.node}`);
  if (seen.type === 'read') return node.value === seen.value ? [state] : [];
  if (node.value !== seen.old && !isBlind(seen)) return [];
  const value = seen.type === 'write' ? seen.value : undefined;
  return [value === node.value ? state : withNode(state, seen.node, { ...node, value, dirty: true })];
}

type Stable = Extract<Observation, { readonly type: 'stable' }>;

/** Nobody has anything to say or to hear, and all that nobody overwrote is there. */
function stable(state: State, seen: Stable, known: ReadonlySet<string>): readonly State[] {
  const atRest = state.late.length === 0 && state.nodes.every((node) => node.fresh && !node.dirty);
  if (!atRest || state.global !== seen.value) return [];
  const copies = new Set(seen.copies);
  const isInvented = seen.copies.some((value) => !state.lost.includes(value));
  const isMissing = state.lost.some((value) => !copies.has(value) && !known.has(value));
  return isInvented || isMissing ? [] : [{ ...state, lost: [...copies].sort() }];
}
