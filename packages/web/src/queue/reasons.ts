import type { QueuedStep } from '../api/v2.ts';
import type { StatusWords } from '../status/words.ts';

type Reason = QueuedStep['reason'];

/** What a step waits for, in a word or two. */
export const reasonWords: Readonly<Record<Reason, StatusWords>> = {
  builder: { word: 'Running', tone: 'active', mark: 'ring' },
  ahead: { word: 'Next on its machine', tone: 'good', mark: 'arrow' },
  'free-slot': { word: 'Needs a free slot', tone: 'good', mark: 'circle' },
  'open-builder': { word: 'Machines are closed', tone: 'warning', mark: 'stop' },
  'capable-builder': { word: 'No machine can', tone: 'bad', mark: 'cross' },
  inputs: { word: 'Needs its inputs', tone: 'quiet', mark: 'chain' },
  unfolding: { word: 'Being read', tone: 'quiet', mark: 'arrow' },
  'back-off': { word: 'Rests after a fault', tone: 'warning', mark: 'clock' },
};

const isReason = (text: string): text is Reason => text in reasonWords;

/** Words for whatever a newer server may say. */
export const wordsOfReason = (reason: string): StatusWords =>
  isReason(reason) ? reasonWords[reason] : { word: reason, tone: 'quiet', mark: 'circle' };

/** On whose behalf a step is built, as far as it fits: `nixpkgs:trunk and 2 more`. */
export function jobsetsText({ jobsets }: QueuedStep): string {
  const [first] = jobsets;
  if (first === undefined) return '';
  const others = jobsets.length === 1 ? '' : ` and ${jobsets.length - 1} more`;
  return `${first.project}:${first.jobset}${others}`;
}
