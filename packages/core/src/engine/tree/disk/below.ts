/** Whether a path is in a set, or a directory above it is. */
export function isAtOrBelow(path: string, set: ReadonlySet<string>): boolean {
  if (set.has(path)) return true;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (set.has(path.slice(0, slash))) return true;
  }
  return false;
}

/** Paths without those that are below another one of them. */
export function outermost(paths: ReadonlySet<string>): readonly string[] {
  return [...paths].filter((path) => {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      if (paths.has(path.slice(0, slash))) return false;
    }
    return true;
  });
}
