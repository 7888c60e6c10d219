import { advisoryLocks } from '../advisory-locks.ts';
import type { Database, Transaction } from '../connection/connection.ts';

/** On it is told that there are events: who misses it finds them later. */
export const eventsChannel = 'iolaus_events';

// So many are told by their ids; of more at once, such as the builds of an evaluation, only that there were many.
const idsMax = 500;

const idsOf = (column: string): string =>
  `case when count(*) <= ${idsMax} then array_agg(${column}) end`;

type Trigger = {
  readonly table: 'builds' | 'buildsteps' | 'jobsetevals' | 'jobsets';
  readonly on: 'insert' | 'update';
  /** Chooses event rows of what was `added`, or `changed` from what was there `before`. */
  readonly columns: string;
  readonly rows: string;
};

/** Once a statement, not once a row: an evaluation queues a hundred thousand builds by one. */
const triggers: readonly Trigger[] = [
  {
    table: 'builds',
    on: 'insert',
    columns: 'type, jobset, builds',
    rows: `select 'builds', a.jobset_id, ${idsOf('a.id')} from added a group by a.jobset_id`,
  },
  {
    table: 'builds',
    on: 'update',
    columns: 'type, jobset, builds',
    rows: `select 'builds', c.jobset_id, ${idsOf('c.id')} from changed c join before b on b.id = c.id
      where c.finished <> b.finished or c.globalpriority <> b.globalpriority group by c.jobset_id`,
  },
  {
    table: 'buildsteps',
    on: 'insert',
    columns: 'type, builds, steps',
    rows: `select 'steps', ${idsOf('a.build')}, ${idsOf('a.stepnr')} from added a having count(*) > 0`,
  },
  {
    table: 'buildsteps',
    on: 'update',
    columns: 'type, builds, steps',
    rows: `select 'steps', ${idsOf('c.build')}, ${idsOf('c.stepnr')}
      from changed c join before b on b.build = c.build and b.stepnr = c.stepnr
      where c.busy <> b.busy or c.status is distinct from b.status having count(*) > 0`,
  },
  {
    table: 'jobsetevals',
    on: 'insert',
    columns: 'type, jobset, evaluation',
    rows: `select 'evaluation', a.jobset_id, a.id from added a`,
  },
  {
    table: 'jobsetevals',
    on: 'update',
    columns: 'type, jobset, evaluation',
    rows: `select 'evaluation', c.jobset_id, c.id from changed c join before b on b.id = c.id
      where c.hasnewbuilds <> b.hasnewbuilds or c.nrbuilds is distinct from b.nrbuilds`,
  },
  {
    table: 'jobsets',
    on: 'insert',
    columns: 'type, jobset',
    rows: `select 'jobset', a.id from added a`,
  },
  {
    table: 'jobsets',
    on: 'update',
    columns: 'type, jobset',
    rows: `select 'jobset', c.id from changed c join before b on b.id = c.id where c is distinct from b`,
  },
];

const transitions = {
  insert: 'referencing new table as added',
  update: 'referencing old table as before new table as changed',
};

/**
 * Writes down whatever changes builds, steps, evaluations and jobsets, in the transaction that does: be it ours, Hydra's, or a
 * person's at a prompt. It goes with our schema (`drop schema iolaus cascade`).
 */
const scriptFor = ({ table, on, columns, rows }: Trigger): string => {
  const name = `iolaus_tell_${table}_${on}`;
  return `
    create or replace function iolaus.${name}() returns trigger language plpgsql security definer
      set search_path = pg_catalog as $body$
      begin
        insert into iolaus.events (${columns}) ${rows};
        if found then perform pg_notify('${eventsChannel}', ''); end if;
        return null;
      end $body$;
    if not exists (select from pg_trigger where tgname = '${name}' and tgrelid = '${table}'::regclass) then
      create trigger ${name} after ${on} on ${table} ${transitions[on]}
        for each statement execute function iolaus.${name}();
    end if;`;
};

const script = triggers.map(scriptFor).join('\n');

/** Has changes written down from now on. `false`: the account may not have that. */
export async function prepareEventLog(database: Database): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const [answer] = await transaction.query<{ may: boolean }>(mayTellStatement);
    if (answer?.may !== true) return false;
    await makeTriggers(transaction);
    return true;
  });
}

/** Triggers are made by who owns the tables; on a copy that follows another database there is nothing to be made. */
export const mayTellStatement = `
  select to_regclass('iolaus.events') is not null and not pg_is_in_recovery()
    and current_setting('transaction_read_only') = 'off'
    and count(*) = 4 and bool_and(pg_has_role(c.relowner, 'member')) as "may"
  from pg_class c
  where c.oid in (to_regclass('builds'), to_regclass('buildsteps'), to_regclass('jobsetevals'), to_regclass('jobsets'))`;

async function makeTriggers(transaction: Transaction): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock($1)', [advisoryLocks.eventTriggers]);
  await transaction.query(`do $script$ begin ${script} end $script$`);
}
