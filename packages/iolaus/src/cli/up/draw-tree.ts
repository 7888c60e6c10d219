import { stepName } from '../../runner/attempts/progress.ts';
import type { RunnerProgress, RunningStep } from '../../runner/attempts/progress.ts';
import { printDuration } from '../terminal/duration.ts';
import type { FarmPicture, WatchedBuild } from './farm-picture.ts';
import type { Paint } from '../terminal/paint.ts';

export type TerminalSize = { readonly columns: number; readonly rows: number };

/** The picture as a tree: what runs under which build, what was done last, what waits. At most `rows` lines. */
export function drawTree(
  picture: FarmPicture,
  now: number,
  size: TerminalSize,
  paint: Paint,
): string[] {
  const progress = picture.progress();
  const head = paint('bold', headline(picture, progress, now));
  const room = Math.max(size.rows - 3, 1);
  const running = drawRunning(picture, progress, now, paint);
  const done = drawDone(picture, paint);
  const shownRunning = running.slice(0, room);
  const shownDone = done.slice(0, Math.min(Math.max(room - shownRunning.length, 0), recentShown));
  const waiting = waitingLine(picture, progress, running.length - shownRunning.length, paint);
  const branches = [...shownDone, ...shownRunning, ...waiting];
  return [head, ...branches].map((line) => fit(line, size.columns));
}

// Enough to see that it goes on, and little enough to leave the eye on what runs.
const recentShown = 6;

function headline(
  { builds, startedAt }: FarmPicture,
  progress: RunnerProgress | undefined,
  now: number,
): string {
  const finished = builds.filter(({ outcome }) => outcome !== null);
  const failed = finished.filter(({ outcome }) => outcome !== 'succeeded').length;
  const parts = [`${finished.length} of ${builds.length} builds done`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (progress !== undefined) {
    parts.push(`${progress.running.length} steps running`, `${progress.waitingSteps} waiting`);
  }
  parts.push(printDuration((now - startedAt) / 1000));
  return parts.join(' · ');
}

function drawRunning(
  { builds }: FarmPicture,
  progress: RunnerProgress | undefined,
  now: number,
  paint: Paint,
): string[] {
  const attributes = new Map(builds.map((build) => [build.id, build.attribute]));
  const byBuild = Map.groupBy(progress?.running ?? [], (step) => step.build);
  return [...byBuild].flatMap(([build, steps]) => [
    `├─ ${paint('yellow', '●')} ${attributes.get(build) ?? `build ${build}`}`,
    ...steps.map((step, index) => drawStep(step, index === steps.length - 1, now, paint)),
  ]);
}

function drawStep(step: RunningStep, isLast: boolean, now: number, paint: Paint): string {
  const elapsed = printDuration((now - step.startedAt) / 1000);
  const where = paint('dim', `${step.phase.replaceAll('-', ' ')} on ${step.hostname}`);
  return `│  ${isLast ? '└─' : '├─'} ${stepName(step.derivation)}  ${elapsed}  ${where}`;
}

function drawDone({ builds }: FarmPicture, paint: Paint): string[] {
  return builds
    .filter((build) => build.outcome !== null)
    .toSorted((a, b) => (b.stoppedAt ?? 0) - (a.stoppedAt ?? 0))
    .slice(0, recentShown)
    .toReversed()
    .map((build) => `├─ ${drawFinished(build, paint)}`);
}

/** One finished build on a line: sign, attribute, how it ended, how long it took. */
export function drawFinished(build: WatchedBuild, paint: Paint): string {
  const seconds = ((build.stoppedAt ?? 0) - (build.startedAt ?? 0)) / 1000;
  if (build.outcome === 'succeeded') {
    return `${paint('green', '✔')} ${build.attribute}  ${printDuration(seconds)}`;
  }
  const ending = (build.outcome ?? 'unfinished').replaceAll('-', ' ');
  return `${paint('red', '✖')} ${build.attribute}  ${printDuration(seconds)}  ${paint('red', ending)}`;
}

function waitingLine(
  { builds }: FarmPicture,
  progress: RunnerProgress | undefined,
  hidden: number,
  paint: Paint,
): string[] {
  const busy = new Set(progress?.running.map((step) => step.build));
  const waiting = builds.filter(({ id, outcome }) => outcome === null && !busy.has(id)).length;
  const parts = [];
  if (hidden > 0) parts.push(`${hidden} more lines`);
  parts.push(waiting === 0 ? 'no build waits' : `${waiting} builds wait`);
  return [`└─ ${paint('dim', parts.join(', '))}`];
}

const escape = '\u001b';
const colour = new RegExp(`${escape}\\[[0-9;]*m`, 'g');

/** Cuts a line to the width of the terminal; colours take no room. */
function fit(line: string, columns: number): string {
  if (line.replaceAll(colour, '').length <= columns) return line;
  let shown = 0;
  let result = '';
  for (const part of line.split(new RegExp(`(${escape}\\[[0-9;]*m)`))) {
    if (part.startsWith(escape)) {
      result += part;
      continue;
    }
    const kept = part.slice(0, Math.max(columns - 1 - shown, 0));
    shown += part.length;
    result += kept;
  }
  return `${result}…`;
}
