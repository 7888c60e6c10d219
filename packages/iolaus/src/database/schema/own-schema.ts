import { advisoryLocks } from '../advisory-locks.ts';
import type { Database } from '../connection/connection.ts';

/**
 * What we keep besides Hydra's tables, in a schema of our own, of which Hydra knows nothing.
 *
 * - `leadership`: one row at most. `term` grows with every runner that takes the lead.
 * - `grants`: attempts under way whose builders can come back to them. `attempt` is the number that only grows, `uuid` its
 *   name on the wire, `builder` the builder's lasting name as the runner keeps it, `startedat` in milliseconds since the
 *   epoch, the limits in seconds.
 * - `retries`: steps that were tried in vain and have not ended (`farm/attempts/retry-plan.ts`). `restsuntil` in milliseconds since
 *   the epoch.
 * - `needs`: what was learned of the cores and the memory that a package's builds need (`farm/prediction/estimate.ts`): means and
 *   variances are of natural logarithms, memory is in bytes.
 * - `uploads`: what is still to be published, to each store by its address. Without outputs it is the log alone.
 *   `notbefore` in milliseconds since the epoch; those that were given up wait for somebody to look at them.
 * - `multipartuploads`: what builders may put into caches in parts, until it is put together or aborted.
 * - `credentials`: tokens and sessions of people (`rights/credentials.ts`). `hash` is SHA-256 of the secret; times in seconds.
 * - `resolutions`: what derivations are once the paths of their inputs are known. Names without the store directory.
 * - `realisations`: where outputs lie that only a build could tell, of derivations that need no resolution. Both hold for
 *   `builds` alone, until these have ended, if there are any: those of impure derivations.
 * - `failedpaths`: until when rows of Hydra's `FailedPaths` count, in seconds since the epoch; those without a row here
 *   count until somebody deletes them.
 * - `events`: what has changed (`events/event-triggers.ts`), kept for some hours. `transaction` is the one that changed it; no
 *   ids: more changed than can be told.
 * - `sweeps`: one row at most: how many portions of garbage have been swept out of caches.
 * - `spared`: objects of caches that somebody is about to use, and to which nothing may lead yet; for two days.
 * - `emergencies`, `holds`: what people want until they say otherwise (`farm/standing-orders.ts`).
 */
const script = `
  create schema if not exists iolaus;
  create table if not exists iolaus.leadership (
    one boolean primary key check (one),
    term bigint not null
  );
  create table if not exists iolaus.grants (
    attempt bigint primary key,
    uuid text not null,
    build integer not null,
    stepnr integer not null,
    derivation text not null,
    builder text not null,
    hostname text not null,
    startedat bigint not null,
    maxsilent integer not null,
    timeout integer not null
  );
  create table if not exists iolaus.retries (
    derivation text primary key,
    tries integer not null,
    losses integer not null,
    restsuntil bigint not null
  );
  create table if not exists iolaus.needs (
    package text not null,
    system text not null,
    coresweight float8,
    coresmean float8,
    coresvariance float8,
    memoryweight float8,
    memorymean float8,
    memoryvariance float8,
    primary key (package, system)
  );
  create table if not exists iolaus.uploads (
    id bigint generated always as identity primary key,
    store text not null,
    derivation text not null,
    outputs text[] not null,
    tries integer not null default 0,
    notbefore bigint not null default 0,
    error text,
    givenup boolean not null default false,
    unique (store, derivation, outputs)
  );
  create table if not exists iolaus.multipartuploads (
    store text not null,
    key text not null,
    uploadid text not null,
    primary key (store, uploadid)
  );
  create table if not exists iolaus.credentials (
    id serial primary key,
    hash text not null unique,
    username text not null references users (username) on delete cascade on update cascade,
    name text,
    scopes text[],
    createdat bigint not null,
    expiresat bigint not null,
    usedat bigint
  );
  create table if not exists iolaus.resolutions (
    derivation text primary key,
    resolved text not null
  );
  alter table iolaus.resolutions add column if not exists builds integer[];
  create table if not exists iolaus.realisations (
    derivation text not null,
    output text not null,
    path text not null,
    primary key (derivation, output)
  );
  alter table iolaus.realisations add column if not exists builds integer[];
  create table if not exists iolaus.failedpaths (
    path text primary key,
    expires bigint not null
  );
  create table if not exists iolaus.events (
    id bigint generated always as identity primary key,
    transaction xid8 not null default pg_current_xact_id(),
    at bigint not null default extract(epoch from clock_timestamp())::bigint,
    type text not null,
    jobset integer,
    evaluation integer,
    builds integer[],
    steps integer[]
  );
  create index if not exists eventsontransaction on iolaus.events (transaction);
  create table if not exists iolaus.sweeps (
    one boolean primary key check (one),
    portions bigint not null
  );
  create table if not exists iolaus.spared (
    key text primary key,
    at timestamptz not null default now()
  );
  create table if not exists iolaus.emergencies (
    subject text not null check (subject in ('build', 'evaluation')),
    id integer not null,
    preempts boolean not null,
    primary key (subject, id)
  );
  create table if not exists iolaus.holds (
    hostname text primary key,
    hold text not null check (hold in ('paused', 'draining'))
  );`;

/** Makes what is missing of our own schema. */
export async function prepareOwnSchema(database: Database): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [advisoryLocks.ownSchema]);
    await transaction.query(`do $script$ begin ${script} end $script$`);
  });
}

export const mayMakeSchemasStatement = `
  select has_database_privilege(current_database(), 'create') as "may"`;

/** Whether we are let to: a server may be given an account that only reads, and then has no tokens. */
export async function mayMakeSchemas(database: Database): Promise<boolean> {
  const [answer] = await database.query<{ may: boolean }>(mayMakeSchemasStatement);
  return answer?.may === true;
}
