import { useEffect, useRef, useState } from 'preact/hooks';
import { onChange } from '../api/changes.ts';
import type { RequestFailure } from '../api/request.ts';
import { openWindows } from './windows.ts';
import type { Windows } from './windows.ts';

// What is seen of a busy queue changes all the time; nobody reads faster.
const refreshMilliseconds = 2000;

/** Windows on the queue that are kept fresh while the component stands. */
export function useWindows(): {
  readonly windows: Windows;
  readonly failure: RequestFailure | undefined;
} {
  const [{ failure }, show] = useState<{ readonly failure: RequestFailure | undefined }>({
    failure: undefined,
  });
  const opened = useRef<Windows>(undefined);
  const windows = (opened.current ??= openWindows((reason) => show({ failure: reason })));
  useEffect(() => keepFresh(windows), [windows]);
  return { windows, failure };
}

function keepFresh(windows: Windows): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const forget = onChange(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      windows.refresh();
    }, refreshMilliseconds);
  });
  return () => {
    clearTimeout(timer);
    forget();
    windows.close();
  };
}
