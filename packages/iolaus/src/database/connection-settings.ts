import { Fault } from '../fault/fault.ts';

/** Where the database is, and who it is told that we are. */
export type DatabaseAddress = {
  /** `postgres://user@host:port/name`; the host may be a folder with a socket, percent-encoded. */
  readonly url: string;
  /** What `pg_stat_activity` shows. */
  readonly applicationName: string;
};

export type ConnectionSettings = {
  readonly connectionString: string;
  readonly application_name: string;
  readonly connectionTimeoutMillis: number;
  readonly keepAlive: true;
  readonly keepAliveInitialDelayMillis: number;
};

// A server that is there answers at once; behind a firewall that drops packets nobody ever would.
const connectMillisecondsMax = 10_000;
// A connection that only listens is silent for hours: whether its other end still lives has to be asked.
const keepAliveMilliseconds = 30_000;

/** Throws `Fault` `bad-usage` if the URL is none of a PostgreSQL database. */
export function connectionSettings({ url, applicationName }: DatabaseAddress): ConnectionSettings {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new Fault('bad-usage', `'${withoutPassword(url)}' is no address of a database`, {
      remedy: 'It should look like postgres://user@host:5432/hydra.',
    });
  }
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectMillisecondsMax,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMilliseconds,
  };
}

/** For people to read. A password may also stand among the parameters behind the question mark. */
export function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@]*):[^/]*@/, '$1:***@').replace(/([?&]password=)[^&]*/, '$1***');
}
