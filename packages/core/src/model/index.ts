/** What the protocol is about, as values and as bytes: ids, codes, paths, clocks, entries, records, messages. */
export * from './clock.js';
export * from './code.js';
export * from './entry.js';
export { folderIdOf, genesisRecordOf } from './genesis.js';
export * from './ids.js';
export * from './keys.js';
export * from './link.js';
export * from './messages.js';
export * from './path.js';
export * from './proofs.js';
export * from './records.js';
export * from './run.js';
export * from './seal.js';
export { type Signed, type Verified, verifiedBefore } from './signed.js';
export * from './symlink.js';
export * from './typed-code.js';
export * from './unsyncable.js';
export * from './words.js';
