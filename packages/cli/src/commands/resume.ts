import type { CommandModule } from './command.js';
import { pausing } from './pausing.js';

export const command: CommandModule = pausing('resume', [
  ['$0 resume garden', 'what happened meanwhile is caught up with'],
  ['$0 resume', 'all folders'],
]);
