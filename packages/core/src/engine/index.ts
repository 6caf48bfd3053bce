export * from './commands.js';
export * from './effects.js';
export * from './inputs.js';
