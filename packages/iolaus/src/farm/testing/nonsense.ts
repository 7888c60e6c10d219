import type { FarmEvent } from '../event.ts';
import type { StepFacts } from '../facts.ts';
import { attemptNumber, buildId, builderId, jobsetId } from '../identity.ts';
import {
  build,
  builderFacts,
  defaultSettings,
  derivation,
  healthy,
  resultOf,
  times,
} from './scenario.ts';

/** Events that no farm may take in, whatever it knows. */
export function nonsense(facts: StepFacts): FarmEvent[] {
  const queue = (step: StepFacts): FarmEvent => ({
    type: 'builds-queued',
    builds: [build(1_000_000, step.derivation)],
    steps: [step],
  });
  const attempt = attemptNumber(1_000_000);
  const result = resultOf(facts);
  const other = { ...facts, derivation: derivation('other') };
  const unknown = { build: buildId(1_000_000), builder: builderId('nobody') };
  return [
    queue({ ...other, inputs: [other.derivation] }),
    queue({ ...other, system: '' }),
    queue({ ...other, requiredFeatures: ['big parallel'] }),
    { type: 'builds-queued', builds: [build(1_000_000, 'x', { timeoutSeconds: -1 })], steps: [] },
    { type: 'jobset-seen', jobset: jobsetId(1), shares: -1, usedSeconds: 0 },
    { type: 'build-reprioritised', ...unknown, globalPriority: 1 },
    { type: 'build-withdrawn', ...unknown },
    { type: 'builder-joined', ...unknown, facts: builderFacts('x', { slots: NaN }) },
    { type: 'builder-pinged', ...unknown, health: healthy },
    { type: 'builder-left', ...unknown },
    { type: 'attempt-begun', attempt },
    { type: 'attempt-undelivered', attempt },
    { type: 'dispatch-failed', attempt, message: 'no' },
    { type: 'attempt-succeeded', attempt, result, times },
    { type: 'attempt-failed', attempt, failure: 'build-failed', message: 'no', times },
    { type: 'step-found-built', derivation: derivation('unheard-of'), result },
    { type: 'settings-changed', settings: { ...defaultSettings, retryIntervalSeconds: -60 } },
  ];
}
