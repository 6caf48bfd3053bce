import { answerCommand } from './brake.js';

export const command = answerCommand('reject', 'Undone', [
  ['$0 reject garden', 'brings back what was deleted or changed, and status says is held'],
]);
