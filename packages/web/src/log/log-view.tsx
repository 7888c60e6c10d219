import { effect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { logAddress } from '../api/log-source.ts';
import { createLogSearch } from './find-in-log.ts';
import { highlight } from './highlight.ts';
import { clickedNumber, linkLine, readLineLink } from './line-link.ts';
import { LogSearchField } from './log-search.tsx';
import type { LogSearch } from './find-in-log.ts';
import type { LogState } from './log-state.ts';
import { PhaseList } from './phase-list.tsx';
import { ShownLog } from './shown-log.ts';

type LogViewProps = {
  readonly build: number;
  readonly step: number;
  readonly live: boolean;
  readonly log: LogState;
};

/** The lines of a log in a box of their own, with what finds something in it. */
export function LogView({ build, step, live, log }: LogViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<ShownLog>(undefined);
  const address = logAddress(build, step);
  const search = useMemo(
    () => createLogSearch(address, (line) => void shown.current?.toLine(line)),
    [address],
  );
  useEffect(() => {
    if (box.current === null) return undefined;
    const stopped = new AbortController();
    shown.current = showLog(box.current, { address, live, log, search }, stopped.signal);
    return () => stopped.abort();
  }, [address]);
  return (
    <>
      <div class="log-tools">
        <PhaseList log={log} shown={() => shown.current} />
        <LogSearchField search={search} />
      </div>
      <div ref={box} class="log" tabIndex={0} role="log" aria-live="off" aria-label="Log" />
    </>
  );
}

type Shown = {
  readonly address: string;
  readonly live: boolean;
  readonly log: LogState;
  readonly search: LogSearch;
};

/** Fills `box` until the signal is aborted. */
function showLog(box: HTMLElement, { address, live, log, search }: Shown, signal: AbortSignal) {
  const mark = (): void => highlight(box, search.search.value?.text ?? '');
  const shown = new ShownLog({ box, address, log, onChange: mark, signal });
  signal.addEventListener('abort', effect(mark));
  signal.addEventListener('abort', () => highlight(box, ''));
  box.addEventListener('click', (event) => act(event, shown), { signal });
  const toLink = (): void => {
    const line = readLineLink();
    if (line !== undefined) void shown.toLine(line);
  };
  window.addEventListener('hashchange', toLink, { signal });
  void (live ? shown.follow(readLineLink()) : shown.read(readLineLink()));
  return shown;
}

/** A click on a number makes a link to its line, one on a heading folds its phase. */
function act(event: MouseEvent, shown: ShownLog): void {
  const line = clickedNumber(event);
  if (line !== undefined) {
    linkLine(line);
    shown.mark(line);
  } else if (event.target instanceof HTMLElement && event.target.matches('.fold'))
    void shown.toggle(Number(event.target.parentElement?.dataset['number']));
}
