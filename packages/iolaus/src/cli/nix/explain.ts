import { DaemonError, NixFormatError, TreeError } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { FaultCode } from '../../fault/catalogue.ts';

/** What the system says of files, as a person would say it. */
const systemErrors: Readonly<Record<string, { readonly code: FaultCode; readonly what: string }>> =
  {
    ENOENT: { code: 'no-such-file', what: 'there is no' },
    ENOTDIR: { code: 'no-such-file', what: 'there is no folder on the way to' },
    EEXIST: { code: 'not-permitted', what: 'there is already a' },
    EACCES: { code: 'not-permitted', what: 'this user may not open' },
    EPERM: { code: 'not-permitted', what: 'this user may not change' },
    ENOSPC: { code: 'disk-full', what: 'there is no space left for' },
  };

/** Makes a fault of what the Nix library and the file system throw; leaves everything else alone. */
export function explainNixError(error: unknown): unknown {
  if (error instanceof NixFormatError) return new Fault('bad-format', error.message);
  if (error instanceof TreeError)
    return new Fault('bad-tree', error.message, { cause: error.cause });
  if (error instanceof DaemonError) return explainDaemonError(error);
  if (!(error instanceof Error) || !('code' in error)) return error;
  const known = systemErrors[String(error.code)];
  if (known === undefined) return error;
  const path = 'path' in error ? String(error.path) : 'what was to be written';
  return new Fault(known.code, `${known.what} ${path}`, { cause: error });
}

function explainDaemonError(error: DaemonError): Fault {
  if (error.kind === 'unreachable')
    return new Fault('daemon-unreachable', error.message, {
      cause: error.cause,
      remedy:
        'It is looked for where Nix looks: NIX_REMOTE=unix://PATH, NIX_DAEMON_SOCKET_PATH, NIX_STATE_DIR.',
    });
  return new Fault('daemon-failed', error.message, { cause: error.cause });
}
