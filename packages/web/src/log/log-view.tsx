import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { followLog, logAddress, readWholeLog } from '../api/log-source.ts';
import { RequestFailure } from '../api/request.ts';
import { linkClickedLine, markLine, readLineLink } from './line-link.ts';
import { createLogText } from './log-text.ts';
import { createScrollBack } from './scroll-back.ts';

/** How a log stands, for what surrounds it. */
export type LogState = {
  readonly following: Signal<boolean>;
  readonly state: Signal<'reading' | 'live' | 'interrupted' | 'ended' | 'missing'>;
  readonly problem: Signal<string>;
  readonly linesLeftOut: Signal<number>;
  readonly isEmpty: Signal<boolean>;
};

export function createLogState(live: boolean): LogState {
  return {
    following: signal(live),
    state: signal(live ? 'live' : 'reading'),
    problem: signal(''),
    linesLeftOut: signal(0),
    isEmpty: signal(true),
  };
}

type LogViewProps = {
  readonly build: number;
  readonly step: number;
  readonly live: boolean;
  readonly log: LogState;
};

/** The lines of a log in a box of their own, which keeps to the end while it is being followed. */
export function LogView({ build, step, live, log }: LogViewProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return undefined;
    return showLog(box.current, logAddress(build, step), live, log);
  }, [build, step]);
  return <div ref={box} class="log" tabIndex={0} role="log" aria-live="off" aria-label="Log" />;
}

/** Fills `box` until the returned function is called. */
function showLog(box: HTMLElement, address: string, live: boolean, log: LogState): () => void {
  const lines = createScrollBack(box);
  const stopped = new AbortController();
  const keepToEnd = followEnd(box, log.following, stopped.signal);
  let text = createLogText();
  let wanted = readLineLink();

  const show = (added: ReturnType<typeof text.add>) => {
    lines.add(added);
    log.isEmpty.value = box.childElementCount === 0;
    log.linesLeftOut.value = lines.leftOut;
    if (wanted !== undefined && markLine(lines, wanted, 'center')) {
      wanted = undefined;
      log.following.value = false;
    }
    keepToEnd();
  };
  const reader = {
    text(piece: string) {
      if (log.state.value === 'interrupted') log.state.value = 'live';
      show(text.add(piece));
    },
    reset() {
      text = createLogText();
      lines.clear();
    },
    end() {
      show(text.end());
      log.state.value = 'ended';
    },
    interrupted() {
      log.state.value = 'interrupted';
    },
  };

  box.addEventListener('click', (event) => linkClickedLine(event, lines), {
    signal: stopped.signal,
  });
  if (live) stopped.signal.addEventListener('abort', followLog(address, reader));
  else void readWholeLog(address, reader, stopped.signal).catch((error) => tellProblem(error, log));
  return () => stopped.abort();
}

// Lines that come into sight may turn out higher than they were taken for, which is seen a frame later.
const settlingFrames = 4;

/** Keeps the end in sight while `following`; who scrolls back stops it, who scrolls to the end starts it again. */
function followEnd(box: HTMLElement, following: Signal<boolean>, signal: AbortSignal): () => void {
  let lastTop = 0;
  let frame = 0;
  let framesLeft = 0;
  const isAtEnd = () => box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
  const toEnd = () => {
    frame = 0;
    if (!following.value) return;
    box.scrollTop = box.scrollHeight;
    framesLeft -= 1;
    if (framesLeft > 0) frame = requestAnimationFrame(toEnd);
  };
  const keep = () => {
    framesLeft = settlingFrames;
    if (frame === 0) frame = requestAnimationFrame(toEnd);
  };
  box.addEventListener(
    'scroll',
    () => {
      if (isAtEnd()) following.value = true;
      else if (box.scrollTop < lastTop) following.value = false;
      lastTop = box.scrollTop;
    },
    { signal },
  );
  const stopWatching = following.subscribe(keep);
  signal.addEventListener('abort', () => {
    stopWatching();
    cancelAnimationFrame(frame);
  });
  return keep;
}

function tellProblem(error: unknown, log: LogState): void {
  if (!(error instanceof RequestFailure)) return;
  log.state.value = 'missing';
  log.problem.value = error.message;
}
