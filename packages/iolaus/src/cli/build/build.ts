import { cancelBuilds } from '../../database/builds/cancel-builds.ts';
import { countAttempts } from '../../database/steps/count-attempts.ts';
import { readBuildReports } from '../../database/builds/read-build-reports.ts';
import { findFile } from '../../evaluator/find-file.ts';
import { printReport, reportBuild, reportEvaluationError } from './build-report.ts';
import type { BuildReport } from './build-report.ts';
import { onlyPositional, parseCount, parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { followBuilds } from './follow-builds.ts';
import { openLiveView } from '../up/live-view.ts';
import type { LiveView } from '../up/live-view.ts';
import { startLocalFarm } from '../up/local-farm.ts';
import type { LocalFarm } from '../up/local-farm.ts';
import { paintFor } from '../terminal/paint.ts';
import { readPairs } from '../terminal/pairs.ts';
import { queueFile } from './queue-file.ts';
import type { QueuedFile } from './queue-file.ts';
import { farmPlace, placeHelp, placeOptions } from '../up/place.ts';
import { whenToStop } from '../up/supervised.ts';

const help = `iolaus build FILE.nix: builds every derivation in a file

  iolaus build FILE.nix [-A ATTR]... [--arg NAME EXPR]... [--argstr NAME VALUE]... [--system S] [--json]

What is asked for
  -A, --attr ATTR         only this attribute (a derivation or a set of them); may be given several times
  --arg NAME EXPR         passes a Nix expression to the function in the file
  --argstr NAME VALUE     passes a string
  --system S              evaluates for this system instead of this machine's

How it is built
  --slots N               steps at once (default: the number of cores)
${placeHelp}

What is shown
  --json                  one JSON object on standard output when all is done; nothing else goes there

Ends with status 0 if all succeeded, 1 if any failed, 2 if it could not be understood or started.

  iolaus build release.nix -A hello --argstr version 2.12`;

export const buildCommand: Command = {
  help,
  run,
};

async function run(parameters: readonly string[]): Promise<number> {
  const { rest, pairs } = readPairs(parameters, ['--arg', '--argstr']);
  const { values, positionals } = parseParameters('build', rest, {
    ...placeOptions,
    attr: { type: 'string', short: 'A', multiple: true, default: [] },
    system: { type: 'string' },
    slots: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const example = 'For example: iolaus build release.nix -A hello';
  const file = onlyPositional('build', 'one file', positionals, example);
  const slots = values.slots === undefined ? null : parseCount('--slots', values.slots, 1);
  const startedAt = Date.now();
  const stopping = new AbortController();
  void whenToStop().then(() => stopping.abort());
  const view = openLiveView(process.stderr);
  try {
    const report = await buildFile({
      startedAt,
      slots,
      view,
      signal: stopping.signal,
      place: farmPlace(values),
      what: {
        file: findFile(file),
        attributes: values.attr,
        args: pairs('--arg'),
        argStrings: pairs('--argstr'),
        ...(values.system === undefined ? {} : { system: values.system }),
      },
    });
    view.close();
    if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
    else console.log(printReport(report, paintFor(process.stdout)));
    return report.builds.every(({ status }) => status === 'succeeded') ? 0 : 1;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    view.say('Interrupted');
    return interruptedStatus;
  } finally {
    view.close();
  }
}

/** What shells expect of a program that was interrupted. */
const interruptedStatus = 130;

// Somebody waits: what goes wrong in passing is tried again within seconds, not within the hour.
const impatientRetries = { maxRetries: 3, retryInterval: 3 };

type Request = {
  readonly startedAt: number;
  readonly slots: number | null;
  readonly view: LiveView;
  readonly signal: AbortSignal;
  readonly place: ReturnType<typeof farmPlace>;
  readonly what: Parameters<typeof queueFile>[1];
};

async function buildFile(request: Request): Promise<BuildReport> {
  const { startedAt, slots, view, signal, place, what } = request;
  await using farm = await startLocalFarm({
    ...place,
    runnerSettings: { ...impatientRetries, ...place.runnerSettings },
    page: null,
    slots,
    say: (line) => view.say(line),
    signal,
  });
  const queued = await queueFile(farm, what, { reuse: 'unfinished', signal });
  await followBuilds(farm, queued.builds, view, { startedAt, signal });
  if (signal.aborted) await cancelBuilds(farm.database, queued.builds, secondsNow());
  return await summarise(farm, queued, startedAt);
}

async function summarise(
  farm: LocalFarm,
  { evaluation, builds }: QueuedFile,
  startedAt: number,
): Promise<BuildReport> {
  const rows = await readBuildReports(farm.database, builds);
  return {
    builds: [...rows.map(reportBuild), ...evaluation.errors.map(reportEvaluationError)],
    steps: await countAttempts(farm.database, Math.floor(startedAt / 1_000), builds),
    seconds: (Date.now() - startedAt) / 1_000,
  };
}

const secondsNow = (): number => Math.floor(Date.now() / 1_000);
