import { play } from './history.ts';
import type { History } from './history.ts';
import type { Plan } from './plan.ts';

/** What came of killing the runner before one of its effects on the world. */
export type Crash = { readonly effect: number; readonly history: History };

const backAfterMilliseconds = 1_000;

/** The history without a crash, and one for each effect before which the runner can be killed. */
export async function crashEverywhere(
  plan: Plan,
): Promise<{ readonly whole: History; readonly crashes: readonly Crash[] }> {
  const whole = await play(plan);
  const crashes: Crash[] = [];
  for (let effect = 1; effect <= whole.effects; effect += 1) {
    const killed: Plan = {
      ...plan,
      troubles: [
        { type: 'runner-killed-soon', at: 0, effects: effect, backAfter: backAfterMilliseconds },
        ...plan.troubles,
      ],
    };
    crashes.push({ effect, history: await play(killed) });
  }
  return { whole, crashes };
}
