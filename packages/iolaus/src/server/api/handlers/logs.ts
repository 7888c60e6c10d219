import { paintLine } from '@iolaus/web/log-painting';
import { answerLiveLog, answerLog, openStepLog } from '../../logs/logs.ts';
import { indexLog } from '../../logs/indexed-log.ts';
import { readLines } from '../../logs/read-lines.ts';
import type { LogLines } from '../../logs/read-lines.ts';
import { searchLog } from '../../logs/search-log.ts';
import type { LogHandle } from '../../logs/unpacked-logs.ts';
import type { Call, Handlers } from '../handlers.ts';

export const logHandlers: Handlers<
  'readLog' | 'followLog' | 'readLogOutline' | 'readLogLines' | 'searchLog'
> = {
  readLog: ({ address: { build, step } }, { context, sources }) =>
    answerLog(context, logSources(sources), { build, number: step }),

  followLog: ({ address: { build, step } }, { context, sources }) =>
    answerLiveLog(context, logSources(sources), { build, number: step }),

  readLogOutline: ({ address }, call) =>
    withLog(address, call, async (file, isOver) => {
      if (file === undefined) return nothingYet;
      const { end, phases } = await indexLog(file);
      const { size: bytes } = await file.stat();
      const { offset, style } = end;
      // What was printed last may have no end.
      const lines = end.line - 1 + (isOver && offset < bytes ? 1 : 0);
      return { lines, offset, style, bytes, isOver, phases: [...phases] };
    }),

  readLogLines: ({ address, query: { from, limit, form } }, call) =>
    withLog(address, call, async (file) => {
      if (file === undefined) return { from, style: '', lines: [] };
      const read = await readLines(file, from, limit);
      const lines = form === 'html' ? paintLines(read) : [...read.lines];
      return { from, style: read.style, lines };
    }),

  searchLog: ({ address, query }, call) =>
    withLog(address, call, async (file) => {
      if (file === undefined) return { lines: [], next: null };
      const { lines, next } = await searchLog(file, query);
      return { lines: [...lines], next };
    }),
};

const nothingYet = { lines: 0, offset: 0, style: '', bytes: 0, isOver: false, phases: [] };

const logSources = (sources: Call['sources']) => ({
  ...sources,
  listeners: sources.logListeners,
});

async function withLog<Result>(
  { build, step }: { readonly build: number; readonly step: number },
  { sources }: Call,
  work: (file: LogHandle | undefined, isOver: boolean) => Promise<Result>,
): Promise<Result> {
  const { file, isOver } = await openStepLog(sources, { build, number: step });
  try {
    return await work(file, isOver);
  } finally {
    await file?.close();
  }
}

function paintLines({ lines, style }: LogLines): string[] {
  let going = style;
  return lines.map((line) => {
    const painted = paintLine(line, going);
    going = painted.style;
    return painted.html;
  });
}
