import { machines } from './machines.ts';
import { derivationNamed } from './made-up-names.ts';

/** One in so many can start, and one in so many rests. */
const runnableEvery = 9;
const restingEvery = 131;

const systems = ['x86_64-linux', 'x86_64-linux', 'aarch64-linux', 'aarch64-darwin'];

/** What a runner with so many unfinished steps of jobsets 1 to `jobsets` answers of its queue. */
export function queueAnswers(
  steps: number,
  jobsets: number,
): Readonly<Record<string, object | string>> {
  const numbers = Array.from({ length: steps }, (_, number) => number);
  const running = machines.reduce((sum, machine) => sum + machine.running, 0);
  const next = numbers.filter((number) => number >= running && stateOf(number) === 'runnable');
  return {
    '/queue': numbers
      .map((number) => `${JSON.stringify(rowOf(number, running, jobsets))}\n`)
      .join(''),
    '/queue/next': { derivations: next.slice(0, 30).map(derivationNamed) },
    '/queue/speeds': { speeds: { 'x86_64-linux': 18, 'aarch64-linux': 5, 'aarch64-darwin': 2 } },
  };
}

/** In the order of `runner/http/queue-routes.ts`. */
function rowOf(number: number, running: number, jobsets: number): readonly unknown[] {
  const state = number < running ? 'leased' : stateOf(number);
  const inputs = state === 'waiting' ? 1 + (number % 7) : 0;
  const since = state === 'waiting' ? null : Date.now() - 1_000 * (30 + (number % 3_000));
  return [
    derivationNamed(number),
    systems[number % systems.length],
    state,
    reasons[state],
    since,
    0,
    100,
    0,
    1 + (number % 60),
    [1 + (Math.floor(number / 5) % jobsets)],
    inputs,
    0,
    5 + ((number * 7_919) % 900),
  ];
}

const reasons = {
  leased: 'builder',
  runnable: 'free-slot',
  waiting: 'inputs',
  'backing-off': 'back-off',
} as const;

function stateOf(number: number): 'runnable' | 'waiting' | 'backing-off' {
  if (number % restingEvery === 7) return 'backing-off';
  return number % runnableEvery === 0 ? 'runnable' : 'waiting';
}
