export { type CrashPoint, crashAt, crashPoints, type Leaves, sampled } from './crash-points.js';
export { Prng } from './prng.js';
export { SimFailure, type SimOptions, type SimResult, simulate } from './simulate.js';
export { Stage } from './stage.js';
