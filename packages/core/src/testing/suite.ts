/** What acceptance suites are made of. They depend on no test runner: whoever runs one hands it over. */

/** `describe` and `it` of the runner in use. */
export interface SuiteRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
}

/** One promise of an interface, and what shows it. */
export interface SuiteCase<World> {
  readonly name: string;
  /** What the machine must be able to do; without it the case is left out. */
  readonly needs?: string | undefined;
  readonly run: (world: World) => Promise<void>;
}

interface Worldly {
  readonly features: ReadonlySet<string>;
}

/** Runs each case in a world of its own. */
export function runCases<World extends { close(): Promise<void> }>(
  runner: SuiteRunner,
  name: string,
  cases: readonly SuiteCase<World>[],
  { features, make }: Worldly & { readonly make: () => Promise<World> },
): void {
  runner.describe(name, () => {
    for (const { name: promise, needs, run } of cases) {
      if (needs !== undefined && !features.has(needs)) continue;
      runner.it(promise, async () => {
        const world = await make();
        try {
          await run(world);
        } finally {
          await world.close();
        }
      });
    }
  });
}

/** Throws unless both are equal in depth; an absent property equals one that is `undefined`. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (!isEqual(actual, expected)) throw new Error(`${what}: got ${show(actual)}, expected ${show(expected)}`);
}

/** Throws unless the condition holds. */
export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** The code that `act` throws or rejects with. Throws when it does neither. */
export async function codeOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
  throw new Error('it was expected to fail and did not');
}

/** `length` bytes that look random and are the same for the same seed. */
export function seededBytes(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    bytes[i] = state >>> 11;
  }
  return bytes;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  const [left, right] = [a, b] as readonly Readonly<Record<string, unknown>>[];
  return [...keys].every((key) => isEqual(left?.[key], right?.[key]));
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value === undefined) return 'undefined';
  const text = JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return inner.toString();
    return inner instanceof Uint8Array ? `${inner.length} bytes` : inner;
  });
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
