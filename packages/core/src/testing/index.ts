/** Acceptance suites for whoever writes a host: what each interface promises, shown case by case. */
export { type FilesSuiteOptions, filesSuite } from './files-suite.js';
export type { FilesFeature, FilesWorld, Person } from './files-world.js';
export { type StoreSuiteOptions, type StoreWorld, storeSuite } from './store-suite.js';
export { type SuiteRunner, seededBytes } from './suite.js';
export { type TransportSuiteOptions, type TransportWorld, transportSuite } from './transport-suite.js';
