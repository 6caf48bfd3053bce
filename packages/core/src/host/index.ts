export { type Code, Device, type DeviceOptions, openDevice } from './device.js';
export { EngineLoop, type EngineLoopOptions, type OutEffect } from './engine-loop.js';
export { Folder } from './folder.js';
export type { EnginePort, Host } from './host.js';
export { Links, type LinksOptions } from './links.js';
export { Log } from './log.js';
