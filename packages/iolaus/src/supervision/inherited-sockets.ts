import { Fault } from '../fault/fault.ts';

// By the service manager's custom: after standard input, output and error.
const firstDescriptor = 3;

/** The sockets of ours that the service manager opens before it starts us, in the order of Hydra's units. */
const socketNames = ['rest', 'grpc'] as const;
export type SocketName = (typeof socketNames)[number];

/**
 * The descriptor of a socket that was open when we were started: the one of that name (`LISTEN_FDNAMES`), or where none has
 * it the one at its place, unless that has another's name. Throws `Fault` where there is none.
 */
export function inheritedSocket(environment: NodeJS.ProcessEnv, name: SocketName): number {
  const count = isMeantForUs(environment) ? Number(environment['LISTEN_FDS'] ?? 0) : 0;
  const names = (environment['LISTEN_FDNAMES'] ?? '').split(':');
  const named = names.indexOf(name);
  const place = named >= 0 ? named : socketNames.indexOf(name);
  const isOthers = named < 0 && socketNames.some((other) => other === names[place]);
  if (place < count && !isOthers) return firstDescriptor + place;
  throw new Fault('bad-usage', `no socket '${name}' was handed to this program`, {
    remedy:
      'Start it by a socket unit of systemd (FileDescriptorName=rest, and another with =grpc), or write an address ' +
      "instead of '-'.",
  });
}

/** Sockets that were meant for another process, whose environment we have inherited, do not count. */
function isMeantForUs(environment: NodeJS.ProcessEnv): boolean {
  const meant = environment['LISTEN_PID'];
  return meant === undefined || meant === '' || Number(meant) === process.pid;
}
