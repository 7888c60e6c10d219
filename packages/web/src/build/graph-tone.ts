import type { GraphNode } from '../api/v2.ts';
import { tellStep } from '../status/words.ts';
import type { Tone } from '../status/words.ts';

/** How a step of a graph is told: an attempt by its status, others by what they wait for. */
export function toneOf({ state, status }: GraphNode): {
  readonly tone: Tone;
  readonly word: string;
} {
  if (status !== null) return tellStep(status, null);
  return state === 'finished'
    ? { tone: 'good', word: 'There' }
    : { tone: 'quiet', word: state.replaceAll('-', ' ') };
}
