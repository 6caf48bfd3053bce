export { Prng } from './prng.js';
export { SimFailure, type SimOptions, type SimResult, simulate } from './simulate.js';
