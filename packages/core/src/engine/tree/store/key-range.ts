/** The first key after all that begin with a prefix. */
export function afterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  for (let end = prefix.length; end > 0; end--) {
    if (prefix[end - 1] === 255) continue;
    const after = prefix.slice(0, end);
    after[end - 1] = (after[end - 1] as number) + 1;
    return after;
  }
  return undefined;
}
