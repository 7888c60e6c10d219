import type { RunnersExplanation } from './explanation.ts';
import { packageOf } from './queue-rows.ts';

/** Why a machine that could build a step does not now. */
const machineSentences: Readonly<Record<string, string>> = {
  away: 'Its connection is gone; it may come back.',
  silent: 'It has not been heard of for a while.',
  'no-ping-yet': 'It has joined, and has not told yet how it is.',
  'paused-by-hand': 'Somebody paused it.',
  draining: 'It is being drained: it finishes what it has.',
  'build-directory-full': 'The disk on which it builds is full.',
  'store-full': 'Its store is full.',
  paused: 'Too much went wrong on it: it rests.',
  'on-trial': 'Much went wrong on it: it has to do one step well first.',
  full: 'It is busy.',
  'no-room':
    'It has a slot, but what it builds needs the rest of its cores, its memory or its disks.',
  'it-went-wrong-there': 'The step went wrong there: others are to try it.',
};

export const machineSentence = (reason: string | null): string =>
  reason === null ? 'It takes the step now.' : (machineSentences[reason] ?? `It is ${reason}.`);

// More names than these nobody reads in a sentence.
const namesMax = 3;

/** Why a step is where it is, in a sentence. */
export const whySentence = (told: RunnersExplanation): string => sentences[told.why.type](told);

const sentences: Readonly<
  Record<RunnersExplanation['why']['type'], (told: RunnersExplanation) => string>
> = {
  inputs: ({ why }) => `It waits for ${nameSome(why.inputs.map(packageOf))}.`,
  'capable-builder': ({ why }) => {
    const wanted = [why.system, ...why.requiredFeatures].join(' with ');
    return `No machine that is here builds ${wanted}${failsText(why.failsAt)}.`;
  },
  'open-builder': ({ machines }) =>
    `${allOf(machines, 'takes', 'take')} nothing now: ${closedText(machines)}`,
  'free-slot': ({ machines, place }) =>
    `${allOf(machines, 'is', 'are')} busy with what came first${placeText(place)}.`,
  unfolding: () =>
    'Its inputs have produced derivations, which are being read; or its outputs are being copied from the overflow store.',
  'back-off': ({ why, tries, losses }) =>
    `It was tried in vain ${times(tries + losses)}, through no fault of its own, and rests until ${clock(why.until)}.`,
  builder: (told) => `${holderOf(told)} builds it.`,
  ahead: (told) => `${holderOf(told)} has it, and begins it when one of its slots falls free.`,
};

const holderOf = ({ why, machines }: RunnersExplanation): string =>
  machines.find(({ builder }) => builder === why.builder)?.hostname ?? 'A machine';

const allOf = ({ length }: RunnersExplanation['machines'], one: string, many: string): string =>
  length === 1
    ? `The one machine that can build it ${one}`
    : `All ${length} machines that can build it ${many}`;

function nameSome(names: readonly string[]): string {
  const [first = 'nothing', ...others] = names.slice(0, namesMax);
  const more = names.length - namesMax;
  if (more > 0) return `${[first, ...others].join(', ')} and ${more} more`;
  const last = others.pop();
  return last === undefined ? first : `${[first, ...others].join(', ')} and ${last}`;
}

const failsText = (at: number | undefined): string =>
  at === undefined ? '' : `; it fails at ${clock(at)} unless one joins`;

const placeText = (place: number | null): string =>
  place === null || place === 1 ? '' : `; ${place - 1} others are to start before it`;

function closedText(machines: RunnersExplanation['machines']): string {
  const reasons = machines.slice(0, namesMax).map(({ hostname, reason }) => {
    const said = machineSentence(reason);
    return `${hostname}: ${said.charAt(0).toLowerCase()}${said.slice(1, -1)}`;
  });
  const more = machines.length - namesMax;
  return `${reasons.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** RFC 3339 to the second: pages show it in the time of whoever reads. */
const clock = (at: number | undefined): string =>
  at === undefined ? 'later' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
