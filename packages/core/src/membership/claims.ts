/** Which person each log says to belong to, by its first record (`spec/03 §5`, `§8`). */

import type { DeviceId, GenesisRecord, MemberKeys, PersonId } from '../model/index.js';
import type { Causality, Node } from './causality.js';
import type { JudgedRecord, RecordsOf } from './records.js';

/** The first entry of a log that begins as a person's. */
export interface Claim {
  readonly person: PersonId;
  readonly log: number;
  readonly first: Node;
  readonly record: Extract<JudgedRecord, { kind: 'genesis' | 'join' | 'device' }>;
}

export class Claims {
  /** By place of the log. */
  readonly #byLog: readonly (Claim | undefined)[];
  readonly #byPerson = new Map<PersonId, Claim[]>();
  readonly #roots = new Map<PersonId, Claim>();

  constructor(graph: Causality, recordsOf: RecordsOf, personOf: (device: DeviceId) => PersonId) {
    this.#byLog = graph.logs.map(({ device, nodes }, log) => {
      const first = firstOf(nodes);
      const [record] = first === undefined ? [] : recordsOf(first);
      if (first === undefined || record === undefined) return undefined;
      return claimOf(first, record, log, device, personOf);
    });
    for (const claim of this.#byLog) {
      if (claim === undefined) continue;
      if (claim.record.kind !== 'device') this.#roots.set(claim.person, claim);
      const others = this.#byPerson.get(claim.person);
      if (others === undefined) this.#byPerson.set(claim.person, [claim]);
      else others.push(claim);
    }
  }

  of(log: number): Claim | undefined {
    return this.#byLog[log];
  }

  /** The log with which a person joined. */
  root(person: PersonId): Claim | undefined {
    return this.#roots.get(person);
  }

  /** All logs that say to be the person's. */
  logs(person: PersonId): readonly Claim[] {
    return this.#byPerson.get(person) ?? [];
  }

  get persons(): readonly PersonId[] {
    return [...this.#roots.keys()];
  }
}

/** Of several first entries the genesis, else that of the smallest hash. */
function firstOf(nodes: readonly Node[]): Node | undefined {
  return nodes.find(({ entry }) => entry.header.folder === undefined) ?? nodes[0];
}

function claimOf(
  first: Node,
  record: JudgedRecord,
  log: number,
  device: DeviceId,
  personOf: (device: DeviceId) => PersonId,
): Claim | undefined {
  const isGenesis = first.entry.header.folder === undefined;
  if (record.kind === 'genesis') return isGenesis ? { person: personOf(device), log, first, record } : undefined;
  if (record.kind === 'join' && record.value.keys.device === device) {
    return { person: personOf(device), log, first, record };
  }
  if (record.kind === 'device' && record.value.device === device) {
    return { person: record.value.person, log, first, record };
  }
  return undefined;
}

/** The keys with which a person joined. */
export function rootKeys(root: Claim, genesis: GenesisRecord): MemberKeys | undefined {
  if (root.record.kind === 'genesis') return genesis.owners[0];
  return root.record.kind === 'join' ? root.record.value.keys : undefined;
}
