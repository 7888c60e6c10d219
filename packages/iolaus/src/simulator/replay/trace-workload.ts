import { Fault } from '../../fault/fault.ts';
import { seededRandom } from '../random.ts';
import { buildTimes } from './build-times.ts';
import type { Trace } from './read-trace.ts';
import { pathOf } from './workload.ts';
import type { Workload } from './workload.ts';

/** Build times of derivations for which none was recorded: the median, in seconds. */
const unrecordedMedian = 60;

/** The work that a trace tells of, and of how many of its steps the build time is made up. */
export function workloadOf(
  trace: Trace,
  seed: number,
): { readonly workload: Workload; readonly madeUp: number } {
  const times = buildTimes(unrecordedMedian, seededRandom(seed));
  const steps = trace.nodes.map((node, place) => ({
    derivation: pathOf(place, node.name),
    system: node.system,
    requiredFeatures: node.requiredFeatures,
    seconds: node.seconds ?? times(node),
    inputs: node.inputs,
  }));
  const madeUp = trace.nodes.filter(({ seconds }) => seconds === null).length;
  if (steps.length === 0)
    throw new Fault('bad-trace', 'the trace is empty', {
      remedy: 'Record one with iolaus simulate --export FILE.',
    });
  return { workload: { steps, evaluations: evaluationsOf(trace) }, madeUp };
}

/** Without any in the trace: all its jobs at once, or all that nothing else needs. */
function evaluationsOf({ nodes, evaluations }: Trace): Workload['evaluations'] {
  if (evaluations.length > 0) return evaluations;
  const places = [...nodes.keys()];
  const jobs = places.filter((place) => nodes[place]?.isJob === true);
  const needed = new Set(nodes.flatMap(({ inputs }) => inputs));
  const builds = jobs.length > 0 ? jobs : places.filter((place) => !needed.has(place));
  return [{ at: 0, jobset: 1, builds }];
}
