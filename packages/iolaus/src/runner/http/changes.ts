import { NixFormatError, derivationPath, printStorePath, toUtf8 } from '@iolaus/nix';
import type { DerivationPath } from '@iolaus/nix';
import type { Database } from '../../database/connection/connection.ts';
import { insertDebugBuild } from '../../database/builds/insert-debug-build.ts';
import { notify } from '../../database/notify.ts';
import { describeError } from '../../fault/fault.ts';
import type { RunnerStore } from '../store/runner-store.ts';
import { RestError } from './rest-error.ts';
import type { Changes } from './routes.ts';

/** Carries out what is asked for over HTTP. */
export function openChanges(options: {
  readonly database: Database;
  readonly store: Pick<RunnerStore, 'directory' | 'derivations'>;
  readonly take: Changes['take'];
  /** Seconds since the epoch. */
  readonly now: () => number;
}): Changes {
  const { database, store, take, now } = options;

  const submit: Changes['submit'] = async (text, jobset) => {
    const path = parsePath(text);
    const derivation = readDerivation(path);
    const outputs = [...store.derivations.outputs(path)].map(
      ([name, output]) =>
        [name, output === null ? null : printStorePath(store.directory, output)] as const,
    );
    const build = await database.transaction(async (transaction) => {
      const inserted = await insertDebugBuild(transaction, {
        jobset,
        derivation: printStorePath(store.directory, path),
        system: toUtf8(derivation.system),
        outputs: new Map(outputs),
        now: now(),
      });
      if (inserted !== null) await notify(transaction, [{ channel: 'builds_added', payload: '?' }]);
      return inserted;
    });
    if (build === null) throw new RestError(404, `there is no jobset ${jobset}`);
  };

  const readDerivation = (path: DerivationPath) => {
    try {
      return store.derivations.read(path);
    } catch (error) {
      throw new RestError(400, `${path} cannot be read: ${describeError(error)}`);
    }
  };

  return { submit, take };
}

function parsePath(text: string): DerivationPath {
  try {
    return derivationPath(text.slice(text.lastIndexOf('/') + 1));
  } catch (error) {
    if (!(error instanceof NixFormatError)) throw error;
    throw new RestError(400, `drv is no path of a derivation: ${error.message}`);
  }
}
