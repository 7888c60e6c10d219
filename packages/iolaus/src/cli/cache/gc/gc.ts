import { NixFormatError, parseBaseName } from '@iolaus/nix';
import { narinfoKey } from '../../../cache/narinfos/narinfo-object.ts';
import { findGarbage } from '../../../cache/upkeep/find-garbage.ts';
import { sweepGarbage } from '../../../cache/upkeep/sweep-garbage.ts';
import type { Database } from '../../../database/connection/connection.ts';
import { listKeptOutputs } from '../../../database/reads/list-kept-outputs.ts';
import { prepareOwnSchema } from '../../../database/schema/own-schema.ts';
import { whileNobodyBegins } from '../../../database/sweeps.ts';
import { Fault } from '../../../fault/fault.ts';
import { openCommandDatabase } from '../../command-database.ts';
import { parseParameters } from '../../command.ts';
import type { Command } from '../../command.ts';
import { openOneCache, readPaths } from '../open-cache.ts';
import { ProgressLine } from '../progress-line.ts';
import { printReport } from './report.ts';
import { WorkNeeds } from './work-needs.ts';

const dayMilliseconds = 86_400_000;
/** By how much the clocks of runners may be behind ours. */
const clockSeconds = 3_600;

const help = `iolaus cache gc [--dry-run] [--db-url URL] [--root PATH]... [--grace-days DAYS] [--json] CACHE

Removes from a cache what no kept build needs. It keeps
  - the outputs that Hydra's rules keep (of unfinished builds, of builds that somebody keeps, of the newest evaluations of
    every jobset), and what is still to be published;
  - what unfinished builds may use: the outputs and sources of all that they are built of;
  - what is young (--grace-days), and what may be part of an upload;
with all that these refer to; and logs. Whatever cannot be asked or read ends it before anything is removed.

It may run beside runners: before each portion that it removes it looks once more at what has been queued meanwhile, and
runners wait for the end of a portion, and ask the cache anew after it. Broken off, it leaves a cache in which all is true; the
next one goes on. It reads derivations from the store of this machine, which should be the queue runner's. Do not have
\`iolaus cache copy\` or \`sign\` change the same cache meanwhile.

  --dry-run           only tell what would go
  --db-url URL        the database of the farm (also: HYDRA_DATABASE_URL)
  --root PATH         keep this store path, too; may be repeated
  --grace-days DAYS   what is younger stays, with all that it refers to (default: 7)
  --json              what was removed, as an object with keys by kind`;

export const gcCommand: Command = {
  help,
  async run(parameters) {
    const { values, positionals } = parseParameters('cache gc', parameters, {
      'dry-run': { type: 'boolean', default: false },
      'db-url': { type: 'string' },
      root: { type: 'string', multiple: true, default: [] },
      'grace-days': { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
    });
    using cache = await openOneCache('gc', positionals);
    const now = Date.now();
    const before = now - readDays(values['grace-days']) * dayMilliseconds;
    const directory = cache.settings.storeDirectory;
    const named = readPaths(cache, values.root).map(narinfoKey);
    await using opened = await openCommandDatabase(values['db-url']);
    const { database } = opened;
    await prepareOwnSchema(database);
    using line = new ProgressLine();
    const onProgress = (doing: string): void => line.tell(doing);
    const sinceSeconds = Math.floor(now / 1_000) - clockSeconds;
    const needs = new WorkNeeds(database, { directory, sinceSeconds, onProgress });
    const roots = [...named, ...(await readKept(database)), ...(await needs.read())];
    const garbage = await findGarbage(cache, { roots, before, onProgress });
    const removed = values['dry-run']
      ? garbage.generations.flat().flatMap(({ objects }) => objects)
      : await sweepGarbage(cache, garbage, {
          portion: (remove) => whileNobodyBegins(database, async () => remove(await needs.read())),
          onProgress,
        });
    line[Symbol.dispose]();
    printReport(removed, { ...values, narinfos: garbage.narinfos });
    return 0;
  },
};

/** @throws Fault where nothing is kept: that is the wrong database rather than a farm that wants to lose all it has */
async function readKept(database: Database): Promise<string[]> {
  const names = await listKeptOutputs(database, Math.floor(Date.now() / 1_000));
  if (names.length === 0)
    throw new Fault('bad-usage', 'the database keeps no builds, so that all would go', {
      remedy: 'Look whether it is that of the farm which fills this cache.',
    });
  return names.flatMap(keyOf);
}

/** Outputs that only a build can tell have no name yet. */
function keyOf(name: string): string[] {
  try {
    return [narinfoKey(parseBaseName(name))];
  } catch (error) {
    if (error instanceof NixFormatError) return [];
    throw error;
  }
}

function readDays(text: string): number {
  const days = Number(text);
  if (text.trim() !== '' && Number.isFinite(days) && days >= 0) return days;
  throw new Fault('bad-usage', `--grace-days takes a number of days, not '${text}'`, {
    remedy: 'For example 7, or 0.5.',
  });
}
