import { derivationPath, NixFormatError } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import type { Explanation } from '../../farm/explain/explain.ts';
import type { QueuedStep } from '../../farm/explain/survey-queue.ts';
import { RestError } from './rest-error.ts';
import { json, lines, read } from './route.ts';
import type { Answer, Route } from './route.ts';
import type { Sight } from '../observation/sight.ts';

// As many as anybody looks at before the order has changed.
const nextMax = 100;

/** What is asked by those who show people the queue, in words of our own: Hydra's runner has none of it. */
export function queueRoutes({ farm }: Sight): readonly Route[] {
  return [
    read('/queue', () => lines(Iterator.from(farm.survey.queue()).map(rowOf))),
    read('/queue/next', () =>
      json({ derivations: [...farm.view.runnable(nextMax)].map(({ derivation }) => derivation) }),
    ),
    read('/queue/speeds', () => json({ speeds: Object.fromEntries(farm.survey.speeds()) })),
    read('/explain', ({ query }) =>
      tell(farm.view.explain(readDerivation(query.get('derivation') ?? ''))),
    ),
    read('/explain/:build', ({ build }) => tell(farm.view.explainBuild(build))),
  ];
}

/** There may be hundreds of thousands: names are left out. `server/queue/queue-rows.ts` reads it. */
const rowOf = (step: QueuedStep): readonly unknown[] => [
  step.derivation,
  step.system,
  step.state,
  step.reason,
  step.since,
  step.globalPriority,
  step.localPriority,
  Math.round(step.shareUsed),
  step.lowestBuild,
  step.jobsets,
  step.inputs,
  step.tries,
  Math.round(step.seconds),
];

/** Throws `RestError` for what is no base name of a derivation. */
function readDerivation(text: string): DerivationPath {
  try {
    return derivationPath(text);
  } catch (error) {
    if (error instanceof NixFormatError) throw new RestError(400, error.message);
    throw error;
  }
}

function tell(explanation: Explanation | undefined): Answer {
  if (explanation === undefined) throw new RestError(404, 'no unfinished build needs it');
  return json(explanation);
}
