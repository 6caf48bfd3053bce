import { describe, it } from 'vitest';
import { memoryNetwork } from '../../src/memory/index.js';
import { systemClock } from '../../src/node/index.js';
import { transportSuite } from '../../src/testing/index.js';

transportSuite({
  runner: { describe, it },
  make: async () => {
    const network = memoryNetwork(systemClock);
    return {
      near: network.transport('ada'),
      far: network.transport('ben'),
      listenAt: undefined,
      nowhere: 'nobody:1',
      close: () => Promise.resolve(),
    };
  },
});
