import pg from 'pg';
import { Fault } from '../../fault/fault.ts';
import { faultOfAddress, withoutPassword } from './connection-settings.ts';
import { isConnectionLost } from './lost-connection.ts';

/** What a person can do about a failure of the database at `url`; what is none of its failures stays as it is. */
export function faultOfDatabase(url: string, error: unknown): unknown {
  const name = withoutPassword(url);
  if (isConnectionLost(error)) {
    return new Fault('database-unreachable', `the database ${name} does not answer`, {
      remedy: 'Start it, or give another address with --db-url.',
      cause: error,
    });
  }
  if (isInvalidUrl(error)) return faultOfAddress(url);
  if (!(error instanceof pg.DatabaseError)) return error;
  if (isDiskFull(error)) {
    return new Fault('disk-full', `there is no space left for the database ${name}`, {
      remedy: 'Free some on its disk.',
      cause: error,
    });
  }
  if (isRefusal(error)) {
    return new Fault('database-unreachable', `the database ${name} does not let us in`, {
      remedy: 'Check user, password and name of the database in the address, and who it lets in.',
      cause: error,
    });
  }
  return new Fault('database-failed', `the database ${name} refused a statement`, {
    ...(error.code === '42501' && {
      remedy: 'Make its user the owner of the database and its tables.',
    }),
    cause: error,
  });
}

const isInvalidUrl = (error: unknown): boolean =>
  error instanceof TypeError && 'code' in error && error.code === 'ERR_INVALID_URL';

const isDiskFull = ({ code, message }: pg.DatabaseError): boolean =>
  code === '53100' || /No space left on device/.test(message);

/** Class 28: invalid authorisation; 3D000: no such database. */
const isRefusal = ({ code = '' }: pg.DatabaseError): boolean =>
  code.startsWith('28') || code === '3D000';
