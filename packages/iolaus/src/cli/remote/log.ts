import type { ApiClient } from '../../api/client.ts';
import { Fault } from '../../fault/fault.ts';
import { onlyPositional, parseCount, parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { remoteHelp, remoteOptions, withServer } from './connect.ts';

export const logCommand: Command = {
  help: `iolaus log BUILD: prints the log of a build

  --step N          of that step (default: the newest)
  -f, --follow      go on as it grows, until the step has ended
  ${remoteHelp}

  iolaus log 4711 --follow`,
  async run(parameters) {
    const { values, positionals } = parseParameters('log', parameters, {
      ...remoteOptions,
      step: { type: 'string' },
      follow: { type: 'boolean', short: 'f', default: false },
    });
    const remedy = '`iolaus ls builds` lists builds.';
    const build = parseCount('BUILD', onlyPositional('log', 'one build', positionals, remedy), 1);
    await withServer(values.url, async (client) => {
      const step =
        values.step === undefined
          ? await newestStep(client, build)
          : parseCount('--step', values.step, 1);
      const pieces = values.follow
        ? client.followLog(build, step, new AbortController().signal)
        : client.readLog(build, step);
      for await (const piece of pieces) process.stdout.write(piece);
    });
    return 0;
  },
};

async function newestStep(client: ApiClient, build: number): Promise<number> {
  const { items } = await client.ask('listBuildSteps', {
    address: { build },
    query: { limit: 1 },
  });
  const [newest] = items;
  if (newest !== undefined) return newest.number;
  throw new Fault('server-refused', `build ${build} has no step yet, and so no log`, {
    remedy: 'Come back when it has begun.',
  });
}
