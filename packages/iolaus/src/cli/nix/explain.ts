import { DaemonError, NixFormatError, TreeError } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { FaultCode } from '../../fault/catalogue.ts';

/** What the system says of files, as a person would say it. */
type SystemError = {
  readonly code: FaultCode;
  /** To be followed by the path. */
  readonly what: string;
  readonly remedy: string;
};

const systemErrors: Readonly<Record<string, SystemError>> = {
  ENOENT: {
    code: 'no-such-file',
    what: 'there is no',
    remedy: 'Name something that is there.',
  },
  ENOTDIR: {
    code: 'no-such-file',
    what: 'there is no folder on the way to',
    remedy: 'Name something that is there.',
  },
  EEXIST: {
    code: 'not-permitted',
    what: 'there is already a',
    remedy: 'Name a place where nothing is yet.',
  },
  EACCES: {
    code: 'not-permitted',
    what: 'this user may not open',
    remedy: 'Let this user read it, and write where something is to be written.',
  },
  EPERM: {
    code: 'not-permitted',
    what: 'this user may not change',
    remedy: 'Do it as the user whose it is, or name another place.',
  },
  ENOSPC: {
    code: 'disk-full',
    what: 'there is no space left for',
    remedy: 'Free some, or name a place on another disk.',
  },
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
  return new Fault(known.code, `${known.what} ${path}`, { remedy: known.remedy, cause: error });
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
