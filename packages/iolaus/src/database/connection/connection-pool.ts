import pg from 'pg';
import type { ConnectionSettings } from './connection-settings.ts';
import { gatheringClient } from './gathering-client.ts';
import { isConnectionLost } from './lost-connection.ts';
import type { Parameter } from './statement.ts';

/** A connection, as far as statements need one. */
export interface Client {
  query<Row extends object>(query: string | PreparedQuery): Promise<QueryResult<Row>>;
}

/** The server knows a statement by its name when it has met it once on the connection. */
export type PreparedQuery = {
  readonly name: string;
  readonly text: string;
  readonly values: Parameter[];
};

export type QueryResult<Row> = { readonly command: string; readonly rows: Row[] };

/** Connections that are kept open and lent to one user at a time. Who comes when all are lent waits for one. */
export type ConnectionPool = {
  /** Throws what `work` throws, or what hinders the connecting. */
  use<Result>(work: (client: Client) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

// Between the bursts of a farm, so that what is prepared on a connection is not prepared again for each.
const idleMillisecondsMax = 60_000;

export function openPool(
  settings: ConnectionSettings,
  connectionsMax: number,
  plansForValues = false,
): ConnectionPool {
  const { connectionTimeoutMillis, ...others } = settings;
  /** The limit is for connecting; for the pool the same setting would limit the wait for a connection too. */
  class Client extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis });
    }
  }
  const pool = new pg.Pool({
    ...others,
    max: connectionsMax,
    idleTimeoutMillis: idleMillisecondsMax,
    pipeline: true,
    Client,
  });
  if (plansForValues) {
    pool.on('connect', (client) => {
      // One that breaks meanwhile is met by whoever uses it.
      client.query("set plan_cache_mode = 'force_custom_plan'").catch(() => {});
    });
  }
  // An idle connection that dies is replaced when one is needed.
  pool.on('error', () => {});

  return {
    async use(work) {
      const client = await pool.connect();
      // Whoever uses the connection hears of its death from the statement that it meets.
      const ignore = (): void => {};
      client.on('error', ignore);
      let broken: boolean = false;
      try {
        return await work(gatheringClient(client));
      } catch (error) {
        broken = isConnectionLost(error);
        throw error;
      } finally {
        client.off('error', ignore);
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}
