/** Folders that keep in step between people and devices, with nobody in the middle. Start with `openDevice`. */

export type { DeviceEvent as FolderEvent, Keep, Level, StreamItem } from './engine/index.js';
export { CloudlessError } from './errors.js';
export { type Code, Device, Folder, Log, openDevice } from './host/index.js';
