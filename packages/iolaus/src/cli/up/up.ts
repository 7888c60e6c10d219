import { findFile } from '../../evaluator/find-file.ts';
import type { BuildId } from '../../farm/identity.ts';
import { parseCount, parseParameters, parsePort } from '../command.ts';
import type { Command } from '../command.ts';
import { followBuilds } from '../build/follow-builds.ts';
import { openLiveView } from './live-view.ts';
import type { LiveView } from './live-view.ts';
import { startLocalFarm } from './local-farm.ts';
import type { LocalFarm } from './local-farm.ts';
import { farmPlace, placeHelp, placeOptions } from './place.ts';
import { queueFile } from '../build/queue-file.ts';
import { whenToStop } from './supervised.ts';

const help = `iolaus up: a whole farm on this machine

  iolaus up [FILE.nix | DIRECTORY]...

Starts a Nix daemon where none answers, a database, a runner, a builder and the page; queues every derivation in the files
that are named; goes on until it is interrupted. Started again, it goes on where it stopped.

  --port N                where the page is (default: 3000, or another that is free)
  --host ADDRESS          for whom (default: localhost only)
  --slots N               steps at once (default: the number of cores)
${placeHelp}`;

const defaultPort = 3000;
const anyPort = 0;

export const upCommand: Command = {
  help,
  run,
};

async function run(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('up', parameters, {
    ...placeOptions,
    port: { type: 'string' },
    host: { type: 'string', default: 'localhost' },
    slots: { type: 'string' },
  });
  const slots = values.slots === undefined ? null : parseCount('--slots', values.slots, 1);
  const port =
    values.port === undefined
      ? { wanted: defaultPort, orAnother: true }
      : { wanted: parsePort('--port', values.port), orAnother: false };
  const files = positionals.map(findFile);
  const stopping = new AbortController();
  const view = openLiveView(process.stderr);
  stopping.signal.addEventListener('abort', () => view.say('Stopping'));
  void whenToStop().then(() => stopping.abort());
  try {
    view.say('Starting the farm');
    await using farm = await startLocalFarm({
      ...farmPlace(values),
      page: { host: values.host, port },
      slots,
      say: (line) => view.say(line),
      signal: stopping.signal,
    });
    view.say(whereThePageIs(farm.pageUrl ?? '', port.wanted));
    await work(farm, files, view, stopping.signal);
    return 0;
  } catch (error) {
    // An interrupt cuts short whatever was under way, and is no failure of it.
    if (!stopping.signal.aborted) throw error;
    return 0;
  } finally {
    view.close();
  }
}

async function work(
  farm: LocalFarm,
  files: readonly string[],
  view: LiveView,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = Date.now();
  const builds = await queueAll(farm, files, view, signal);
  await followBuilds(farm, builds, view, { startedAt, signal });
  if (signal.aborted) return;
  view.rest();
  view.say(`All done. The page stays at ${farm.pageUrl ?? ''}; Ctrl-C ends the farm.`);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

async function queueAll(
  farm: LocalFarm,
  files: readonly string[],
  view: LiveView,
  signal: AbortSignal,
): Promise<BuildId[]> {
  const builds: BuildId[] = [];
  for (const file of files) {
    view.say(`Evaluating ${file}`);
    const what = { file, attributes: [], args: [], argStrings: [] };
    const queued = await queueFile(farm, what, { reuse: 'any', signal });
    for (const { attribute, message } of queued.evaluation.errors) {
      view.say(`${attribute}: ${message}`);
    }
    builds.push(...queued.builds);
  }
  return builds;
}

function whereThePageIs(url: string, wanted: number): string {
  const found = new URL(url).port;
  return wanted === anyPort || found === String(wanted)
    ? `The page is at ${url}`
    : `Another program has port ${wanted}, so the page is at ${url}`;
}
