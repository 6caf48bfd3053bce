import type { Outcome, Stage } from './play.js';
import { type Script, smaller } from './script.js';

/** How often a smaller script is played before it is believed to be right: what fails depends on time. */
const tries = 4;
const playsMax = 200;

/** A smaller script that still fails, by playing smaller ones. `said` hears of each that does. */
export async function shrink(
  stage: Stage,
  script: Script,
  outcome: Outcome,
  said: (script: Script) => void,
): Promise<{ readonly script: Script; readonly outcome: Outcome }> {
  let best = { script, outcome };
  let plays = 0;
  for (let isSmaller = true; isSmaller && plays < playsMax; ) {
    isSmaller = false;
    for (const candidate of smaller(best.script)) {
      const failed = await failing(stage, candidate);
      plays += tries;
      if (failed === undefined) continue;
      best = { script: candidate, outcome: failed };
      said(candidate);
      isSmaller = true;
      break;
    }
  }
  return best;
}

async function failing(stage: Stage, script: Script): Promise<Outcome | undefined> {
  for (let index = 0; index < tries; index++) {
    const outcome = await stage.play(script);
    if (outcome.wrong !== undefined) return outcome;
  }
  return undefined;
}
