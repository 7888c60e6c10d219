import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Database } from '../../database/connection/connection.ts';
import { ensureJobset } from '../../database/evaluations/ensure-jobset.ts';
import { finishBuilds } from '../../database/builds/finish-builds.ts';
import { finishSteps } from '../../database/steps/finish-steps.ts';
import { insertBusySteps } from '../../database/steps/insert-busy-steps.ts';
import { insertFinishedSteps } from '../../database/steps/insert-finished-steps.ts';
import { buildFinished, notify } from '../../database/notify.ts';
import { recordEvaluation } from '../../database/evaluations/record-evaluation.ts';
import { replaceBuildResults } from '../../database/builds/replace-build-results.ts';
import type { BuildResults } from '../../database/builds/replace-build-results.ts';
import { buildStatusNumber, phaseNumber, stepStatusNumber } from '../../database/status.ts';
import { updateStepPhases } from '../../database/steps/update-step-phases.ts';
import type { BuildId } from '../../farm/identity.ts';
import type { BuildOutcome, Phase, StepOutcome } from '../../farm/outcome.ts';

/** Plays evaluator, runner and builder: writes the rows, notifications and logs that they would. */
export type Scene = ReturnType<typeof createScene>;

export const storeHash = '0123456789abcdfghijklmnpqrsvwxyz';
export const derivationOf = (name: string): string => `/nix/store/${storeHash}-${name}.drv`;
export const outputOf = (name: string): string => `/nix/store/${storeHash}-${name}`;

// A time in the past, so that durations are what the scene says and not what the clock does.
const someTime = 1_790_000_000;

export function createScene(database: Database, logDirectory: string) {
  const logFile = (of: string): string => {
    const name = derivationOf(of).replace('/nix/store/', '');
    return join(logDirectory, name.slice(0, 2), name.slice(2));
  };

  return {
    /** Of the derivation of that name. */
    logFile,

    /** Queues a build a name; the names are those of jobs, packages and derivations. */
    async queue(names: readonly string[], project = 'project'): Promise<BuildId[]> {
      return database.transaction(async (tx) => {
        const jobset = await ensureJobset(tx, { project, jobset: 'jobset', description: '' });
        return recordEvaluation(tx, {
          jobset,
          jobs: names.map(jobOf),
          errorMessage: '',
          evaluationSeconds: 3,
          now: someTime,
          reuse: 'unfinished',
        });
      });
    },

    /** A builder begins with a step. */
    async startStep(
      build: BuildId,
      name: string,
      phase: Phase = 'building',
      startTime = someTime,
    ): Promise<number> {
      return database.transaction(async (tx) => {
        const [number = 0] = await insertBusySteps(tx, [
          {
            build,
            derivation: derivationOf(name),
            system: 'x86_64-linux',
            machine: 'ares',
            startTime,
            busy: phaseNumber(phase),
            outputs: new Map([['out', outputOf(name)]]),
          },
        ]);
        await notify(tx, [
          { channel: 'build_started', payload: String(build) },
          { channel: 'step_started', payload: `${build}\t${number}` },
        ]);
        return number;
      });
    },

    async setPhase(build: BuildId, stepNumber: number, phase: Phase): Promise<void> {
      await database.transaction((tx) =>
        updateStepPhases(tx, [{ build, stepNumber, busy: phaseNumber(phase) }]),
      );
    },

    async finishStep(
      build: BuildId,
      stepNumber: number,
      outcome: StepOutcome,
      errorMessage: string | null = null,
    ): Promise<void> {
      await database.transaction(async (tx) => {
        await finishSteps(tx, [
          {
            build,
            stepNumber,
            errorMessage,
            status: stepStatusNumber(outcome),
            stopTime: someTime + 65,
            overheadMilliseconds: 12,
            outputs: null,
          },
        ]);
        await notify(tx, [{ channel: 'step_finished', payload: `${build}\t${stepNumber}\t/log` }]);
      });
    },

    /** A build fails of a step that was charged to another one. */
    async propagateFailure(build: BuildId, name: string, from: BuildId): Promise<void> {
      await database.transaction((tx) =>
        insertFinishedSteps(tx, [
          {
            build,
            derivation: derivationOf(name),
            type: 'build',
            status: stepStatusNumber('failed'),
            errorMessage: null,
            startTime: null,
            stopTime: null,
            machine: 'ares',
            system: 'x86_64-linux',
            propagatedFrom: from,
            outputs: new Map([['out', outputOf(name)]]),
          },
        ]),
      );
    },

    async finishBuild(build: BuildId, outcome: BuildOutcome, cached = false): Promise<void> {
      await database.transaction(async (tx) => {
        await finishBuilds(tx, [
          {
            build,
            cached,
            size: 1234,
            closureSize: 56_789,
            releaseName: null,
            notifies: true,
            status: buildStatusNumber(outcome),
            startTime: someTime,
            stopTime: someTime + 65,
          },
        ]);
        await notify(tx, buildFinished([build]));
      });
    },

    async showResults(results: BuildResults): Promise<void> {
      await database.transaction((tx) => replaceBuildResults(tx, [results]));
    },

    async writeLog(name: string, content: string | Uint8Array): Promise<void> {
      const file = logFile(name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    },

    async appendLog(name: string, content: string | Uint8Array): Promise<void> {
      await appendFile(logFile(name), content);
    },
  };
}

const jobOf = (name: string) => ({
  job: name,
  name,
  system: 'x86_64-linux',
  derivation: derivationOf(name),
  outputs: new Map([['out', outputOf(name)]]),
  description: `The package ${name}`,
  homepage: null,
  license: [],
  maintainers: [],
  priority: null,
  maxSilentSeconds: null,
  timeoutSeconds: null,
  isChannel: false,
});
