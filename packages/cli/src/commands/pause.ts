import type { CommandModule } from './command.js';
import { pausing } from './pausing.js';

export const command: CommandModule = pausing('pause', [
  ['$0 pause garden', 'nothing of it is sent, looked at or changed until it is resumed'],
  ['$0 pause', 'all folders'],
]);
