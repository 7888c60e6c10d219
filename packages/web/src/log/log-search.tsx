import { useEffect, useRef } from 'preact/hooks';
import { formatCount } from '../parts/count.ts';
import type { LogSearch, Search } from './find-in-log.ts';

// Long enough not to search at every letter, short enough not to be felt.
const typingMilliseconds = 200;

/** The field that searches the whole log, and the way from one line that has the text to the next. */
export function LogSearchField({ search }: { search: LogSearch }) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const found = search.search.value;
  const step = (by: 1 | -1) => () => void search.step(by).catch(() => {});
  return (
    <search class="log-search">
      <input
        type="search"
        placeholder="Search the log"
        aria-label="Search the log"
        aria-keyshortcuts="f"
        spellcheck={false}
        onInput={(event) => {
          const text = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(
            () => void search.start(text).catch(() => {}),
            typingMilliseconds,
          );
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1)();
        }}
      />
      <span class="muted" role="status">
        {found === undefined ? '' : wordFound(found)}
      </span>
      <button type="button" aria-label="Line before that has it" onClick={step(-1)}>
        ↑
      </button>
      <button type="button" aria-label="Next line that has it" onClick={step(1)}>
        ↓
      </button>
    </search>
  );
}

function wordFound({ lines, next, at }: Search): string {
  if (lines.length === 0) return 'not in this log';
  return `${formatCount(at + 1)} of ${formatCount(lines.length)}${next === null ? '' : '+'}`;
}
