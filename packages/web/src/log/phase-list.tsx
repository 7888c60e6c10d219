import type { LogState } from './log-state.ts';
import type { ShownLog } from './shown-log.ts';

/** The phases of a log, each with the way to it; all of them can be folded at once. */
export function PhaseList({ log, shown }: { log: LogState; shown: () => ShownLog | undefined }) {
  const phases = log.phases.value;
  if (phases.length === 0) return null;
  const areFolded = log.folded.value.size > 0;
  return (
    <nav class="phases" aria-label="Phases">
      <button type="button" aria-pressed={areFolded} onClick={() => void shown()?.toggleAll()}>
        {areFolded ? 'Unfold' : 'Fold'}
      </button>
      {phases.map(({ name, line }) => (
        <a
          key={line}
          href={`#L${line}`}
          onClick={(event) => {
            event.preventDefault();
            void shown()?.toLine(line);
          }}
        >
          {name.replace(/Phase$/, '')}
        </a>
      ))}
    </nav>
  );
}
