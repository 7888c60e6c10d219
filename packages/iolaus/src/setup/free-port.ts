import { once } from 'node:events';
import { createServer } from 'node:net';

// Ports near the wanted one are easier to find again than a random one.
const neighboursMax = 20;
const highestPort = 65_535;
const loopbacks: readonly string[] = ['127.0.0.1', '::1'];

/** The wanted port where nobody has it; otherwise one of the next; otherwise any that is free. */
export async function findFreePort(host: string, wanted: number): Promise<number> {
  // `localhost` is two addresses: where another program has one of them, a browser may show that one's page instead of ours.
  const addresses = host === 'localhost' ? loopbacks : [host];
  const last = Math.min(wanted + neighboursMax, highestPort);
  for (let port = wanted; port <= last; port += 1) {
    if (await isFree(addresses, port)) return port;
  }
  return anyFreePort;
}

/** The system chooses when it is listened on. */
const anyFreePort = 0;

async function isFree(addresses: readonly string[], port: number): Promise<boolean> {
  for (const host of addresses) {
    if (await isTaken(host, port)) return false;
  }
  return true;
}

/** An address that this machine does not have, such as that of IPv6, is taken by nobody. */
async function isTaken(host: string, port: number): Promise<boolean> {
  const probe = createServer();
  probe.listen({ host, port });
  try {
    await once(probe, 'listening');
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  }
  const closed = once(probe, 'close');
  probe.close();
  await closed;
  return false;
}
