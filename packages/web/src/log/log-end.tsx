import { useEffect, useRef } from 'preact/hooks';
import { logAddress, readLogEnd } from '../api/log-source.ts';
import { createLogText } from './log-text.ts';

// Errors are told last, and in few lines.
const linesMax = 15;
const bytesMax = 8192;

/** The last lines of a log. Nothing where there is none. */
export function LogEnd({ build, step }: { build: number; step: number }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const stopped = new AbortController();
    const show = async (): Promise<void> => {
      const end = await readLogEnd(logAddress(build, step), bytesMax, stopped.signal);
      if (end !== null && box.current !== null) box.current.innerHTML = paintEnd(end);
    };
    void show();
    return () => stopped.abort();
  }, [build, step]);
  return <div ref={box} class="log-end" role="group" aria-label="End of the log" />;
}

function paintEnd({ text, isWhole }: { text: string; isWhole: boolean }): string {
  const reader = createLogText();
  const lines = [...reader.add(text).lines, ...reader.end().lines];
  // Cut anywhere, the first line is likely not a whole one.
  return (isWhole ? lines : lines.slice(1))
    .slice(-linesMax)
    .map((line) => `<div>${line === '' ? '\n' : line}</div>`)
    .join('');
}
