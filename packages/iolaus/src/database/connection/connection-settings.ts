import { Fault } from '../../fault/fault.ts';

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
  readonly ssl?: false;
  readonly options?: string;
};

// A server that is there answers at once; behind a firewall that drops packets nobody ever would.
const connectMillisecondsMax = 10_000;
// A connection that only listens is silent for hours: whether its other end still lives has to be asked.
const keepAliveMilliseconds = 30_000;

/** The schema of our own tables. */
const ownSchema = 'iolaus';

/** Throws `Fault` `bad-usage` if the URL is none of a PostgreSQL database. */
export function connectionSettings({ url, applicationName }: DatabaseAddress): ConnectionSettings {
  if (!/^postgres(ql)?:\/\//.test(url)) throw faultOfAddress(url);
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectMillisecondsMax,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMilliseconds,
    // No server speaks TLS on a socket of this machine, whatever the environment (PGSSLMODE) asks of others.
    ...(isSocket(url) && { ssl: false }),
    // PostgreSQL looks first into a schema with the user's name, and this one is for our own tables, not for Hydra's.
    ...(userOf(url) === ownSchema && { options: '-c search_path=public' }),
  };
}

/** What cannot be an address. Its cause is left out: the parser repeats the address with the password in it. */
export function faultOfAddress(url: string): Fault {
  return new Fault('bad-usage', `'${withoutPassword(url)}' is no address of a database`, {
    remedy:
      'It should look like postgres://user@host:5432/hydra, with / ? # in a password as %2F %3F %23.',
  });
}

/**
 * For people to read. Hides rather too much: a password that is not encoded may hold any character, and one may also stand
 * among the parameters, or in an address of the other form (`host=… password=…`).
 */
export function withoutPassword(url: string): string {
  return url
    .replace(/(\/\/[^:@]*):.*@/, '$1:***@')
    .replaceAll(/(password\s*=\s*)('[^']*'|[^\s&]*)/gi, '$1***');
}

const userOf = (url: string): string | undefined =>
  /^[^:]*:\/\/([^:@/?]+)[^/?]*@/.exec(url)?.[1] ?? process.env['PGUSER'];

const isSocket = (url: string): boolean => /^[^?]*@%2f/i.test(url);
