import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Tests read the packages' sources, not what was built from them; the rest is what Vite asks for on a server.
const conditions = ['@cloudless/source', 'module', 'node', 'development|production'];

function project(name: string, include: string) {
  return { extends: true as const, test: { name, include: [include] } };
}

/** Real processes and disks: they take their time, one file after another, when all else is done. */
function slow(name: string, include: string) {
  const alone = { maxWorkers: 1, sequence: { groupOrder: 1 } };
  return { extends: true as const, test: { name, include: [include], testTimeout: 180_000, ...alone } };
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    // Two failing promises are worth more than one: every file runs, whatever failed before it.
    bail: 0,
    testTimeout: 30_000,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      project('core', 'packages/core/test/**/*.test.ts'),
      project('net', 'packages/net/test/**/*.test.ts'),
      project('cli', 'packages/cli/test/**/*.test.ts'),
      project('tidy', 'test/tidy.test.ts'),
      project('spec', 'test/{spec,vectors,limits}.test.ts'),
      project('docs', 'test/docs.test.ts'),
      slow('e2e', 'test/{scripts,mutants,e2e/**/*}.test.ts'),
    ],
  },
});
