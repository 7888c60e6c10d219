import { formatCount } from '../parts/count.ts';

/** How many builds succeeded, failed and are to come: as a bar, and in words. */
export function OutcomeBar(props: {
  readonly succeeded: number;
  readonly failed: number;
  readonly unfinished: number;
}) {
  const parts = [
    { count: props.succeeded, tone: 'good', word: 'succeeded' },
    { count: props.failed, tone: 'bad', word: 'failed' },
    { count: props.unfinished, tone: 'quiet', word: 'to go' },
  ].filter(({ count }) => count > 0);
  return (
    <span class="outcome">
      <span class="outcome-bar" aria-hidden="true">
        {parts.map(({ count, tone }) => (
          <span key={tone} class={tone} style={{ flexGrow: count }} />
        ))}
      </span>
      <span class="outcome-words">
        {parts.map(({ count, tone, word }) => (
          <span key={tone} class={tone}>
            {formatCount(count)} {word}
          </span>
        ))}
      </span>
    </span>
  );
}
