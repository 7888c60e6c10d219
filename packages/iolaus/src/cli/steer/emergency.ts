import { Fault } from '../../fault/fault.ts';
import { parseCount, parseParameters, refusePositionals } from '../command.ts';
import type { Command } from '../command.ts';
import { askRunner, runnerOptions, runnerOptionsHelp } from './ask-runner.ts';

const help = `iolaus steer emergency: lets a build or an evaluation go before everything else, with all that it needs

  --build ID             which; it ends with the build
  --evaluation ID        which; also its builds that come later
  --preempt              do not even wait for what is being built: stop that, and begin it again later
  --end                  there is no emergency any more
${runnerOptionsHelp}`;

export const emergencyCommand: Command = { help, run };

async function run(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('steer emergency', parameters, {
    build: { type: 'string' },
    evaluation: { type: 'string' },
    preempt: { type: 'boolean', default: false },
    end: { type: 'boolean', default: false },
    ...runnerOptions,
  });
  refusePositionals('steer emergency', positionals);
  const named = subjectOf(values);
  if (values.end) await askRunner(values, '/emergencies/end', named);
  else await askRunner(values, '/emergencies/declare', { ...named, preempts: values.preempt });
  console.log(
    `${named.subject} ${named.id} ${values.end ? 'waits for its turn again' : 'goes first'}.`,
  );
  return 0;
}

function subjectOf(values: {
  readonly build?: string | undefined;
  readonly evaluation?: string | undefined;
}): { readonly subject: 'build' | 'evaluation'; readonly id: number } {
  const { build, evaluation } = values;
  if (build !== undefined && evaluation === undefined) {
    return { subject: 'build', id: parseCount('--build', build, 1) };
  }
  if (evaluation !== undefined && build === undefined) {
    return { subject: 'evaluation', id: parseCount('--evaluation', evaluation, 1) };
  }
  throw new Fault('bad-usage', 'iolaus steer emergency needs to know of what', {
    remedy: 'Give --build ID or --evaluation ID.',
  });
}
