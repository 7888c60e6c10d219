import type { BuildStatus, StepPhase, StepStatus } from '../api/v2.ts';
import { buildWords, tellStep, wordsFor } from './words.ts';
import type { Mark, StatusWords } from './words.ts';

const strokes: Readonly<Record<Exclude<Mark, 'ring'>, string>> = {
  tick: 'M4.8 8.3l2.2 2.2 4.2-4.6',
  cross: 'M5.5 5.5l5 5m0-5l-5 5',
  chain: 'M5 8h6',
  stop: 'M5.8 5.8h4.4v4.4H5.8z',
  clock: 'M8 4.8V8l2.2 1.5',
  circle: '',
  arrow: 'M5 8h5.5M8.3 5.5L10.8 8l-2.5 2.5',
};

export function BuildMark({ status }: { status: BuildStatus }) {
  return <StatusMark {...wordsFor(buildWords, status)} />;
}

export function StepMark({ status, phase }: { status: StepStatus; phase: StepPhase | null }) {
  return <StatusMark {...tellStep(status, phase)} />;
}

export function StatusMark({ word, tone, mark }: StatusWords) {
  return (
    <span class={`status ${tone}`}>
      <svg class={`mark ${mark}`} viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.5" />
        {mark === 'ring' ? (
          <path class="turning" d="M8 1.5A6.5 6.5 0 0 1 14.5 8" />
        ) : (
          <path d={strokes[mark]} />
        )}
      </svg>
      <span class="word">{word}</span>
    </span>
  );
}
