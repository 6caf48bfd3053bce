/** What the protocol is about, as values and as bytes: ids, codes, paths, clocks, entries, records, messages. */
export * from './entry.js';
export { folderIdOf, genesisRecordOf } from './genesis.js';
export * from './ids.js';
export * from './keys.js';
export * from './messages.js';
export * from './records.js';
export * from './run.js';
export * from './seal.js';
export { type Signed, type Verified, verifiedBefore } from './signed.js';
