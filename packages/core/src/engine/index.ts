export * from './commands.js';
export type { FolderContext, Holder, Place } from './context.js';
export { DeviceEngine, type DeviceEngineOptions } from './device.js';
export * from './effects.js';
export * from './inputs.js';
export { SeededRandom } from './random.js';
