import { crashes } from './crash-points.js';

crashes(1);
