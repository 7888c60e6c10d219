import { DaemonConnection, daemonAddressFromEnvironment } from '@iolaus/nix';
import type { DaemonAddress } from '@iolaus/nix';
import { Fault } from '../../fault/fault.ts';
import type { CommandGroup } from '../command-group.ts';
import { parseCount, parseParameters, refusePositionals } from '../command.ts';
import type { Command } from '../command.ts';

/** What `nix store` does. */
export const storeCommands: CommandGroup = {
  words: 'iolaus nix store',
  purpose: 'speaks with the daemon of a store',
  entries: [
    {
      name: 'ping',
      summary: 'ask the daemon who it is, as `nix store ping` and `nix store info` do',
      load: () => Promise.resolve(pingCommand),
    },
  ],
};

const help = `iolaus nix store ping [--json] [--timeout SECONDS]

Connects to the daemon, and prints what \`nix store ping\` prints, and which protocol is spoken. Status 0 if it answers, 2
if it does not. The daemon is found as Nix finds it: NIX_REMOTE, NIX_DAEMON_SOCKET_PATH, NIX_STATE_DIR, or the usual
socket.

  --json              one object: url, version, trusted (0 or 1), protocol, features, storeDir
  --timeout SECONDS   how long it may take to answer (10)

"Trusted" is missing where the daemon does not say, before Nix 2.15.`;

const pingCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('nix store ping', parameters, {
      json: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '10' },
    });
    refusePositionals('nix store ping', positionals);
    const seconds = parseCount('--timeout', values.timeout, 1);
    const address = daemonAddressFromEnvironment(process.env);
    await using daemon = await connect(address, seconds);
    const url = process.env['NIX_REMOTE'] || 'daemon';
    const print = values.json ? printJson : printLines;
    console.log(print(url, daemon));
    return 0;
  },
};

/** A socket may be open with nobody behind it who answers. */
async function connect(address: DaemonAddress, seconds: number): Promise<DaemonConnection> {
  const signal = AbortSignal.timeout(seconds * 1000);
  try {
    return await DaemonConnection.connect(address, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Fault(
      'daemon-unreachable',
      `the Nix daemon at ${address.socketPath} does not answer within ${seconds} seconds`,
      { remedy: 'It may be very busy: try a longer --timeout.', cause: error },
    );
  }
}

function printLines(url: string, daemon: DaemonConnection): string {
  const { nixVersion, trusted, features } = daemon;
  return [
    `Store URL: ${url}`,
    ...(nixVersion === null ? [] : [`Version: ${nixVersion}`]),
    ...(trusted === null ? [] : [`Trusted: ${Number(trusted)}`]),
    `Protocol: ${printProtocol(daemon)}`,
    ...(features.size === 0 ? [] : [`Features: ${[...features].join(', ')}`]),
    `Store directory: ${daemon.storeDirectory}`,
  ].join('\n');
}

/** Nix prints its three fields in this order, and without spaces. */
function printJson(url: string, daemon: DaemonConnection): string {
  const { nixVersion, trusted, features, storeDirectory } = daemon;
  return JSON.stringify({
    ...(trusted === null ? {} : { trusted: Number(trusted) }),
    url,
    ...(nixVersion === null ? {} : { version: nixVersion }),
    protocol: printProtocol(daemon),
    features: [...features],
    storeDir: storeDirectory,
  });
}

function printProtocol({ protocol }: DaemonConnection): string {
  return `${protocol.major}.${protocol.minor}`;
}
