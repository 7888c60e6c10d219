import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NixFormatError, derivationPath } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import { buildId } from '../../farm/identity.ts';
import { describeError } from '../../fault/fault.ts';
import type { Logger } from '../../logging/logger.ts';
import type { LogFiles, LogName } from './log-files.ts';
import type { Logs } from './logs.ts';

/** Nobody waits for what an earlier runner left. */
export function sweepLater(logs: Pick<Logs, 'sweep'>, logger: Logger): AsyncDisposable {
  const stopping = new AbortController();
  const swept = logs.sweep(stopping.signal).catch((error: unknown) => {
    logger.warn({ error: describeError(error) }, 'logs of an earlier runner stay as they are');
  });
  return {
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      return swept;
    },
  };
}

/**
 * Finishes logs that a runner left as they grew because it ended between an attempt's end and the log's. Folders are read one
 * after the other, since there may be millions of logs in a thousand of them.
 */
export async function sweepLogs(options: {
  readonly directory: string;
  readonly finish: LogFiles['finish'];
  /** Its attempt is under way: the log still grows. */
  readonly isLive: (name: LogName) => boolean;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { directory, finish, isLive, signal } = options;
  for (const folder of await readdir(directory)) {
    if (folder.length !== 2) continue;
    for (const file of await readdir(join(directory, folder))) {
      if (signal.aborted) return;
      const name = parseName(folder, file);
      if (name !== null && !isLive(name)) await finish(name);
    }
  }
}

/** Null for the latest log of a derivation, for one that is finished, and for what is no log of ours. */
function parseName(folder: string, file: string): LogName | null {
  const [, base, build, stepNumber] = /^(.+\.drv)\.(\d+)-(\d+)$/.exec(file) ?? [];
  const derivation = parsePath(`${folder}${base}`);
  if (derivation === null) return null;
  return { derivation, build: buildId(Number(build)), stepNumber: Number(stepNumber) };
}

function parsePath(text: string): DerivationPath | null {
  try {
    return derivationPath(text);
  } catch (error) {
    if (error instanceof NixFormatError) return null;
    throw error;
  }
}
