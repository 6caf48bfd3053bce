export * from './clock.js';
export * from './files.js';
export * from './store.js';
export * from './transport.js';
