import { defaultStoreDirectory, storeDirectory } from '../store-path/store-path.ts';
import type { StoreDirectory } from '../store-path/store-path.ts';
import { DaemonError } from './daemon-error.ts';

/** Where a daemon listens, and the directory that its paths begin with. */
export type DaemonAddress = {
  readonly socketPath: string;
  readonly storeDirectory: StoreDirectory;
};

const socketBelowState = 'daemon-socket/socket';
const stateBelowRoot = 'nix/var/nix';

/**
 * The daemon that Nix's own commands would use: from `NIX_REMOTE` (`unix://PATH?store=…&root=…` or
 * `daemon`), else `NIX_DAEMON_SOCKET_PATH`, else below `NIX_STATE_DIR`, else the usual socket; with
 * the store directory from the same URI, else `NIX_STORE_DIR`, else `/nix/store`.
 * @throws DaemonError (`unreachable`) where `NIX_REMOTE` names something else than a local daemon
 * @throws NixFormatError for a store directory that cannot be one
 */
export function daemonAddressFromEnvironment(environment: NodeJS.ProcessEnv): DaemonAddress {
  const { path, parameters } = parseRemote(environment['NIX_REMOTE'] ?? '');
  const directory = parameters.get('store') ?? environment['NIX_STORE_DIR'];
  return {
    socketPath: path || socketFromParameters(parameters) || socketFromEnvironment(environment),
    storeDirectory:
      directory === undefined || directory === ''
        ? defaultStoreDirectory
        : storeDirectory(directory),
  };
}

function parseRemote(remote: string): { path: string; parameters: URLSearchParams } {
  const [base = '', query = ''] = remote.split('?', 2);
  const parameters = new URLSearchParams(query);
  if (['', 'auto', 'daemon'].includes(base)) return { path: '', parameters };
  const scheme = 'unix://';
  if (!base.startsWith(scheme))
    throw new DaemonError(
      'unreachable',
      `NIX_REMOTE=${remote} names no local daemon: that is 'daemon' or unix://PATH`,
    );
  return { path: decodeURIComponent(base.slice(scheme.length)), parameters };
}

function socketFromParameters(parameters: URLSearchParams): string {
  const root = parameters.get('root');
  const state = parameters.get('state') ?? (root === null ? null : `${root}/${stateBelowRoot}`);
  return state === null ? '' : `${state}/${socketBelowState}`;
}

function socketFromEnvironment(environment: NodeJS.ProcessEnv): string {
  const state = environment['NIX_STATE_DIR'] || `/${stateBelowRoot}`;
  return environment['NIX_DAEMON_SOCKET_PATH'] || `${state}/${socketBelowState}`;
}
