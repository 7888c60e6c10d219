import type { BuildStatus, StepPhase, StepStatus } from '../api/v2.ts';

export type Tone = 'good' | 'bad' | 'warning' | 'active' | 'quiet';
export type Mark = 'tick' | 'cross' | 'chain' | 'stop' | 'clock' | 'ring' | 'circle' | 'arrow';

/** How a status is told: never by colour alone. */
export type StatusWords = { readonly word: string; readonly tone: Tone; readonly mark: Mark };

export const buildWords: Readonly<Record<BuildStatus, StatusWords>> = {
  queued: { word: 'Queued', tone: 'quiet', mark: 'circle' },
  running: { word: 'Running', tone: 'active', mark: 'ring' },
  succeeded: { word: 'Succeeded', tone: 'good', mark: 'tick' },
  failed: { word: 'Failed', tone: 'bad', mark: 'cross' },
  'dependency-failed': { word: 'Dependency failed', tone: 'bad', mark: 'chain' },
  'failed-with-output': { word: 'Failed with output', tone: 'bad', mark: 'cross' },
  aborted: { word: 'Aborted', tone: 'warning', mark: 'stop' },
  cancelled: { word: 'Cancelled', tone: 'quiet', mark: 'stop' },
  'timed-out': { word: 'Timed out', tone: 'warning', mark: 'clock' },
  unsupported: { word: 'Unsupported system', tone: 'warning', mark: 'stop' },
  'log-limit-exceeded': { word: 'Log too long', tone: 'warning', mark: 'stop' },
  'output-limit-exceeded': { word: 'Output too large', tone: 'warning', mark: 'stop' },
  'not-deterministic': { word: 'Not deterministic', tone: 'bad', mark: 'cross' },
};

export const stepWords: Readonly<Record<StepStatus, StatusWords>> = {
  running: buildWords.running,
  succeeded: buildWords.succeeded,
  failed: buildWords.failed,
  aborted: buildWords.aborted,
  cancelled: buildWords.cancelled,
  'timed-out': buildWords['timed-out'],
  'cached-failure': { word: 'Failed before', tone: 'bad', mark: 'cross' },
  unsupported: buildWords.unsupported,
  'log-limit-exceeded': buildWords['log-limit-exceeded'],
  'output-limit-exceeded': buildWords['output-limit-exceeded'],
  'not-deterministic': buildWords['not-deterministic'],
  resolved: { word: 'Resolved', tone: 'quiet', mark: 'arrow' },
};

/** What a step did that ended badly, for sentences that begin with it. */
export const stepVerbs: Readonly<Record<StepStatus, string>> = {
  running: 'runs',
  succeeded: 'succeeded',
  resolved: 'was resolved',
  failed: 'failed',
  aborted: 'was aborted',
  cancelled: 'was cancelled',
  'timed-out': 'timed out',
  'cached-failure': 'failed before',
  unsupported: 'wants a system that no machine has',
  'log-limit-exceeded': 'wrote too long a log',
  'output-limit-exceeded': 'made too large an output',
  'not-deterministic': 'is not deterministic',
};

export const phaseWords: Readonly<Record<StepPhase, string>> = {
  preparing: 'Preparing',
  connecting: 'Connecting',
  'sending-inputs': 'Sending inputs',
  building: 'Building',
  'waiting-for-local-slot': 'Waiting for a slot',
  'receiving-outputs': 'Receiving outputs',
  'post-processing': 'Post-processing',
};

const newerThanThePage: StatusWords = { word: 'Unknown', tone: 'quiet', mark: 'circle' };

/** Words for whatever a newer server may say. */
export function wordsFor<Status extends string>(
  words: Readonly<Record<Status, StatusWords>>,
  status: Status,
): StatusWords {
  return words[status] ?? newerThanThePage;
}

/** What a step's status column says: of a running one, what it is doing. */
export function tellStep(status: StepStatus, phase: StepPhase | null): StatusWords {
  const words = wordsFor(stepWords, status);
  return status === 'running' && phase !== null
    ? { ...words, word: phaseWords[phase] ?? words.word }
    : words;
}

export const hasEnded = (status: BuildStatus): boolean =>
  status !== 'queued' && status !== 'running';

/** Whether a step went wrong in a way that its build may have failed of. */
export const hasFailed = (status: StepStatus): boolean =>
  status !== 'running' && status !== 'succeeded' && status !== 'resolved';
