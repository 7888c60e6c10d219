import type { Database } from '../../database/connection/connection.ts';
import { estimateRows } from '../../database/schema/estimate-rows.ts';
import { readBelongings } from '../../database/widen-timestamps/belongings.ts';
import { readTables } from '../../database/widen-timestamps/table-state.ts';
import type { TableState } from '../../database/widen-timestamps/table-state.ts';
import { narrowTimestamps, widenTimestamps } from '../../database/widen-timestamps/widen.ts';
import type { Progress } from '../../database/widen-timestamps/widen.ts';
import { parseParameters, refusePositionals } from '../command.ts';
import type { Command } from '../command.ts';
import { openCommandDatabase } from '../command-database.ts';
import { printDuration } from '../terminal/duration.ts';

const help = `iolaus database widen-timestamps: makes the 32-bit times of a live Hydra 64 bits wide

  --db-url URL   the database (also: HYDRA_DATABASE_URL)
  --dry-run      say what would be done, and how long it may take
  --keep-narrow  stop before the last step: the narrow columns stay beside, and all can be taken back
  --undo         take back what has not been finished
  --hurry        do not rest between portions of work

Wide columns are filled beside the narrow ones in small portions, get their indexes and checks, and take their place in a
transaction of some milliseconds; nobody waits longer than that. When it is broken off, call it again: it goes on where it
was. The tables grow meanwhile by up to their own size; afterwards a VACUUM gives the space back.`;

// Measured with a million builds and all of Hydra's indexes on one small machine: without rests.
const secondsForMillionRows = 60;
// As long as it works: others have half of the machine to themselves.
const restFactor = 1;

export const widenTimestampsCommand: Command = { help, run };

async function run(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseParameters('database widen-timestamps', parameters, {
    'db-url': { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    'keep-narrow': { type: 'boolean', default: false },
    undo: { type: 'boolean', default: false },
    hurry: { type: 'boolean', default: false },
  });
  refusePositionals('database widen-timestamps', positionals);
  await using opened = await openCommandDatabase(values['db-url']);
  const { database } = opened;
  if (values['dry-run']) return await printPlan(database);
  const onProgress = tellProgress();
  const { longestLockMilliseconds } = values.undo
    ? await narrowTimestamps({ database, onProgress })
    : await widenTimestamps({
        database,
        onProgress,
        finishes: !values['keep-narrow'],
        restFactor: values.hurry ? 0 : restFactor,
      });
  console.log(
    `${conclusion(values)} Nobody was held up for longer than ${Math.ceil(longestLockMilliseconds)} ms.`,
  );
  return 0;
}

function conclusion(values: { readonly undo: boolean; readonly 'keep-narrow': boolean }): string {
  if (values.undo) return 'What was not finished has been taken back.';
  if (!values['keep-narrow']) return 'All times have 64 bits.';
  return 'The wide columns are in their place; without --keep-narrow the last step follows.';
}

async function printPlan(database: Database): Promise<number> {
  const open = (await readTables(database)).filter(({ stage }) => stage !== 'wide');
  if (open.length === 0) {
    console.log('All times have 64 bits: there is nothing to do.');
    return 0;
  }
  let rows = 0;
  for (const state of open) {
    const its = await estimateRows(database, state.table);
    console.log(await describePlan(database, state, its));
    rows += its;
  }
  const seconds = (rows / 1e6) * secondsForMillionRows;
  console.log(
    `It may take some ${printDuration(seconds)} with --hurry, and ${1 + restFactor} times that without.`,
  );
  return 0;
}

async function describePlan(database: Database, state: TableState, rows: number): Promise<string> {
  const { table, stage, columns, bytes } = state;
  const { indexes } = await readBelongings(database, state);
  const names = columns.map(({ name }) => name).join(', ');
  const size = `about ${rows} rows, ${Math.ceil(bytes / 2 ** 20)} MiB`;
  const begun = stage === 'narrow' ? '' : `; begun: ${stage}`;
  const anew = indexes.length === 0 ? '' : `; indexes made anew: ${indexes.length}`;
  return `${table}: ${names} (${size}${anew}${begun})`;
}

// For a log; a person sees the same.
const tellEveryMilliseconds = 2_000;

function tellProgress(): (progress: Progress) => void {
  let told = -Infinity;
  return (progress) => {
    const { type, table } = progress;
    if (type === 'copying') {
      if (progress.share < 1 && performance.now() - told < tellEveryMilliseconds) return;
      told = performance.now();
      console.log(`${table}: ${(100 * progress.share).toFixed(1)} % copied`);
    } else if (type === 'indexing') console.log(`${table}: making ${progress.index} anew`);
    else console.log(type === 'swapped' ? `${table}: times are wide` : `${table}: done`);
  };
}
