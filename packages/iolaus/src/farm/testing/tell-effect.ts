import type { FarmEffect } from '../effect.ts';
import type { AttemptNumber, BuildId } from '../identity.ts';
import { emergencyKey } from '../emergencies/emergency-priority.ts';

/** What a farm decides, in a few words; `stepOf` knows what an attempt is at. */
export function tellEffect(
  effect: FarmEffect,
  stepOf: (attempt: AttemptNumber) => string | undefined,
): string {
  switch (effect.type) {
    case 'start-attempt':
      return `start ${effect.step.derivation} on ${effect.builder} for ${effect.build}`;
    case 'finish-attempt':
      return `${effect.derivation} ${effect.outcome}${because(effect.message)}`;
    case 'abort-attempt':
      return `stop ${stepOf(effect.attempt)} on ${effect.builder}`;
    case 'record-failure':
      return `row of ${effect.build}: ${effect.step.derivation} ${effect.outcome}${from(effect.propagatedFrom)}${because(effect.message)}`;
    case 'succeed-build':
      return `build ${effect.build} succeeded${effect.cached ? ', cached' : ''}`;
    case 'fail-build':
      return `build ${effect.build} ${effect.outcome}${effect.cached ? ', cached' : ''}`;
    case 'continue-attempt':
      return `attempt ${effect.attempt} goes on`;
    case 'resolve-step':
      return `row of ${effect.build}: ${effect.step.derivation} resolved into ${effect.into}`;
    case 'let-go':
      return `let ${effect.derivation} go`;
    case 'unfold-step':
      return `unfold ${effect.derivation}`;
    case 'dismiss-builder':
      return `dismiss ${effect.builder}`;
    case 'wake-at':
      return `wake at ${effect.at / 1000}`;
    default:
      throw new Error(`nobody tells of ${effect.type}`);
  }
}

/** What is written down for a farm that follows, and is about no attempt. */
export function tellMemory(effect: FarmEffect): string | undefined {
  switch (effect.type) {
    case 'remember-failure':
      return `${effect.step.derivation} fails`;
    case 'keep-emergency':
      return `keep ${emergencyKey(effect.emergency.subject)}`;
    case 'drop-emergency':
      return `drop ${emergencyKey(effect.subject)}`;
    case 'keep-hold':
      return `keep ${effect.hostname} ${effect.hold}`;
    case 'drop-hold':
      return `drop ${effect.hostname}`;
    default:
      return undefined;
  }
}

const because = (message: string | null) => (message === null ? '' : `: ${message}`);
const from = (id: BuildId | null) => (id === null ? '' : ` from ${id}`);
