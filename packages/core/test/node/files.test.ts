import { describe, it } from 'vitest';
import { filesSuite } from '../../src/testing/index.js';
import { nodeFeatures, nodeWorld } from './world.js';

filesSuite('node files on the calling thread', {
  runner: { describe, it },
  features: nodeFeatures,
  make: () => Promise.resolve(nodeWorld()),
});
