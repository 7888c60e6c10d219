import { z } from 'zod';
import { Fault } from '../../fault/fault.ts';
import { parseCount, parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { askRunner, runnerOptions, runnerOptionsHelp } from './ask-runner.ts';

const help = `iolaus steer try-again [PATH…]: forgets that these outputs could not be built; whoever wants them next has them tried

  --build ID             what stood in the way of this build; may be given several times
  --all                  whatever could not be built
${runnerOptionsHelp}`;

const answer = z.object({ forgotten: z.number() });

export const tryAgainCommand: Command = { help, run };

async function run(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('steer try-again', parameters, {
    build: { type: 'string', multiple: true, default: [] },
    all: { type: 'boolean', default: false },
    ...runnerOptions,
  });
  const builds = values.build.map((text) => parseCount('--build', text, 1));
  const wanted = [
    ...(values.all ? [{ all: true }] : []),
    ...(builds.length > 0 ? [{ builds }] : []),
    ...(positionals.length > 0 ? [{ paths: positionals }] : []),
  ];
  const [which] = wanted;
  if (which === undefined || wanted.length > 1) {
    throw new Fault('bad-usage', 'iolaus steer try-again needs to know what', {
      remedy: 'Give paths, or --build ID, or --all.',
    });
  }
  const { forgotten } = answer.parse(await askRunner(values, '/failures/forget', which));
  console.log(`${forgotten} ${forgotten === 1 ? 'path' : 'paths'} may be tried again.`);
  return 0;
}
