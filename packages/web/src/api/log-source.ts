import { getResponse } from './request.ts';
import { apiRoot } from './v2.ts';
import { whileVisible } from './visible.ts';

/** Who takes a log as it comes. */
export type LogReader = {
  text(text: string): void;
  /** All that came so far is void: the step was started anew. */
  reset(): void;
  end(): void;
  /** The stream broke and will be taken up again. */
  interrupted(): void;
};

const reopenMilliseconds = 2000;

/** Address of the raw log of a step. */
export const logAddress = (build: number, step: number): string =>
  `${apiRoot}/builds/${build}/steps/${step}/log`;

/** The last `bytes` of a log, and whether that is all of it; null where it cannot be had. */
export async function readLogEnd(
  address: string,
  bytes: number,
  signal: AbortSignal,
): Promise<{ text: string; isWhole: boolean } | null> {
  try {
    const response = await getResponse(address, { signal, headers: { range: `bytes=-${bytes}` } });
    const isWhole =
      response.status === 200 ||
      response.headers.get('content-range')?.startsWith('bytes 0-') === true;
    return { text: await response.text(), isWhole };
  } catch {
    // The page tells of the failure without its log, too.
    return null;
  }
}

/**
 * Follows the log of a running step from an offset in bytes on, while the page is looked at, until it ends or the returned
 * function is called.
 */
export function followLog(address: string, from: number, reader: LogReader): () => void {
  let offset = String(from);
  let ended = false;
  const follow = (hidden: AbortSignal): void => {
    if (ended) return;
    const source = new EventSource(`${address}/live?offset=${offset}`);
    let reopening: ReturnType<typeof setTimeout> | undefined;
    source.addEventListener('text', (event: MessageEvent<string>) => {
      offset = event.lastEventId;
      const text: string = JSON.parse(event.data);
      reader.text(text);
    });
    source.addEventListener('reset', () => {
      offset = '0';
      reader.reset();
    });
    source.addEventListener('end', () => {
      ended = true;
      source.close();
      reader.end();
    });
    source.addEventListener('error', () => {
      if (ended) return;
      reader.interrupted();
      if (source.readyState === EventSource.CLOSED) {
        reopening = setTimeout(() => follow(hidden), reopenMilliseconds);
      }
    });
    hidden.addEventListener('abort', () => {
      clearTimeout(reopening);
      source.close();
    });
  };
  return whileVisible(follow);
}
