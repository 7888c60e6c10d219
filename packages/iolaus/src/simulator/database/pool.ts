import type { ConnectionPool } from '../../database/connection/connection-pool.ts';
import { isConnectionLost } from '../../database/connection/lost-connection.ts';
import type { Session } from './session.ts';

/** Connections that are kept open and lent, as by the real pool, but as many as are wanted. */
export function openPool(connect: () => Promise<Session>): ConnectionPool {
  const idle: Session[] = [];
  const take = (): Promise<Session> => {
    let session = idle.pop();
    while (session?.isLost === true) session = idle.pop();
    return session === undefined ? connect() : Promise.resolve(session);
  };
  return {
    async use(work) {
      const session = await take();
      let isBroken: boolean = false;
      try {
        return await work(session);
      } catch (error) {
        isBroken = isConnectionLost(error);
        throw error;
      } finally {
        if (!isBroken) idle.push(session);
      }
    },
    close: async () => {},
  };
}
