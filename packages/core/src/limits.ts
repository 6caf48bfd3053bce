/**
 * Every bound of the protocol, unit in the name. Equal to the table of `spec/09`; a test compares the two.
 * A decoder checks a bound before it allocates.
 */

export const protocolVersion = 1;

// Names and paths (spec/07 §1)
export const pathPartBytesMax = 255;
export const pathBytesMax = 4_096;
export const pathDepthMax = 128;
export const symlinkTargetBytesMax = 4_096;

// Entries (spec/04)
export const headerBytesMax = 4_096;
export const bodyBytesMax = 1_048_576;
export const bodyAimBytes = 262_144;
export const entryRecordsMax = 4_096;
export const entryHeadsMax = 16;
export const entryPublicChunkIdsMax = 4_096;
export const runEntriesMax = 1_024;
export const recordBytesMax = 262_144;
export const clockAheadMsMax = 300_000;

// The tree (spec/07)
export const vectorKeysMax = 256;
export const pathVersionsMax = 64;
export const ignoreFileBytesMax = 65_536;
export const ignoreLinesMax = 1_024;
export const patternBytesMax = 1_024;
export const localPatternsMax = 256;

// Content (spec/06)
export const chunkBytesMin = 65_536;
export const chunkBytesAim = 262_144;
export const chunkBytesMax = 1_048_576;
export const inlineBytesMax = 1_024;
export const listInlineEntriesMax = 8;
export const listNodeEntriesMin = 64;
export const listNodeEntriesMax = 4_096;
export const listDepthMax = 5;
export const contentBytesMax = 281_474_976_710_656;
export const bitmapChunksMax = 8_388_608;
export const wantChunksMax = 256;
export const wantBytesMax = 16_777_216;
export const missingAlsoMax = 64;

// Connections (spec/08)
export const frameBytesMax = 65_535;
export const urgentFrameBytesMax = 16_384;
export const messageBytesMax = 1_114_112;
export const streamsMax = 1_024;
export const inFlightProcessBytesMax = 67_108_864;
export const inFlightPeerBytesMax = 16_777_216;
export const connectionsMax = 256;
export const handshakeMsMax = 10_000;
export const replayEphemeralsMax = 16_384;
export const rekeyFrames = 65_536;
export const messageCostBytes = 64;
export const streamCreditBytes = 4_194_304;
export const urgentPoolBytes = 4_194_304;
export const bulkPoolBytes = 8_388_608;
export const controlItemsMax = 8_192;
export const sessionUnackedBytesMax = 16_777_216;
export const sessionDetachedMsMax = 600_000;
export const ackBytes = 262_144;
export const ackDelayMs = 25;
export const urgentActiveMs = 250;
export const signalBytesMax = 1_024;
export const signalsPerSecondMax = 10;

// People, folders, streams
export const personKeysMax = 64;
export const ownersMax = 3;
export const folderLogsMax = 4_096;
export const folderKindBytesMax = 128;
export const streamNameBytesMax = 128;
export const appRecordBytesMax = 65_536;

// Codes (spec/02)
export const codeSecretBytes = 16;
export const codeLifeMsDefault = 86_400_000;
export const codeMemoryMs = 2_592_000_000;
export const linkBytesMax = 2_048;
export const linkAddressesMax = 8;
export const addressBytesMax = 259;
