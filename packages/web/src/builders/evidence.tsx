import type { Builder } from '../api/v2.ts';
import { Moment } from '../time/elapsed.tsx';

/** What speaks against a builder. Nothing where nothing does. */
export function Evidence({ builder }: { builder: Builder }) {
  const { faults, blames, onTrial, lastFailureAt } = builder;
  if (faults === 0 && blames === 0 && !onTrial) return null;
  return (
    <section class="evidence" aria-label="What speaks against it">
      <ul>
        {faults === 0 ? null : (
          <li>
            {times(faults)} in a row it could not do its part: connect, fetch inputs, or hand over
            what it built.
          </li>
        )}
        {blames === 0 ? null : (
          <li>
            {blames} {blames === 1 ? 'step' : 'steps'} went wrong on it and well on another machine.
          </li>
        )}
        {onTrial ? (
          <li>It has to do one step well before it gets more than one at a time.</li>
        ) : null}
        {lastFailureAt === null ? null : (
          <li>
            Something went wrong last <Moment at={lastFailureAt} />.
          </li>
        )}
      </ul>
    </section>
  );
}

const times = (count: number): string => (count === 1 ? 'Once' : `${count} times`);
