import { crashes } from './crash-points.js';

// In two files, so that two threads can share them.
crashes(0);
