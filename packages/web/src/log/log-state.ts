import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';

export type Phase = { readonly name: string; readonly line: number };

/** How a log stands, for what surrounds it. */
export type LogState = {
  readonly following: Signal<boolean>;
  readonly state: Signal<'reading' | 'live' | 'interrupted' | 'ended' | 'missing'>;
  readonly problem: Signal<string>;
  readonly isEmpty: Signal<boolean>;
  readonly phases: Signal<readonly Phase[]>;
  /** Lines of the headings of those phases that are folded. */
  readonly folded: Signal<ReadonlySet<number>>;
};

export function createLogState(live: boolean): LogState {
  return {
    following: signal(live),
    state: signal(live ? 'live' : 'reading'),
    problem: signal(''),
    isEmpty: signal(true),
    phases: signal([]),
    folded: signal(new Set()),
  };
}
