import type { RequestContext } from './context.ts';

const loopback = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/;

/**
 * Where a request comes from. What a program on this machine forwards (a proxy) comes from whom it says; others may say
 * what they want.
 */
export function clientAddress({ env, req }: RequestContext): string {
  const address = env.incoming.socket.remoteAddress ?? '';
  const forwarded = req.header('x-forwarded-for')?.split(',').at(-1)?.trim();
  return isThisMachine(address) ? (forwarded ?? address) : address;
}

export const isThisMachine = (address: string): boolean => loopback.test(address);
