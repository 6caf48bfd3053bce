import { answerCommand } from './brake.js';

export const command = answerCommand('approve', 'Approved', [
  ['$0 approve garden', 'lets go on what status says is held'],
]);
