import { NixFormatError, parseAnyStorePath, parseBaseName } from '@iolaus/nix';
import type { StorePath } from '@iolaus/nix';
import { findGarbage, sweepGarbage } from '../../cache/upkeep/collect-garbage.ts';
import type { Garbage } from '../../cache/upkeep/collect-garbage.ts';
import { listKeptOutputs } from '../../database/reads/list-kept-outputs.ts';
import { prepareOwnSchema } from '../../database/schema/own-schema.ts';
import { Fault } from '../../fault/fault.ts';
import { openCommandDatabase } from '../command-database.ts';
import { parseParameters } from '../command.ts';
import type { Command } from '../command.ts';
import { openOneCache } from './open-cache.ts';
import { ProgressLine } from './progress-line.ts';

const dayMilliseconds = 86_400_000;
const kinds = ['narinfos', 'archives', 'listings', 'debugLinks'] as const;

const help = `iolaus cache gc [--dry-run] [--db-url URL] [--root PATH]... [--grace-days DAYS] [--json] CACHE

Removes from a cache what no kept build needs: all but the outputs that Hydra's rules keep (unfinished builds, builds that
somebody keeps, the newest evaluations of every jobset), what they refer to, and what is young. Logs stay. Whatever cannot
be asked or read ends it before anything is removed.

  --dry-run           only tell what would go
  --db-url URL        the database of the farm (also: HYDRA_DATABASE_URL)
  --root PATH         keep this store path, too; may be repeated
  --grace-days DAYS   what is younger stays, with all that it refers to; 7 if not said
  --json              what was found, as an object`;

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
    using cache = openOneCache('gc', positionals);
    const before = Date.now() - readDays(values['grace-days']) * dayMilliseconds;
    const named = values.root.map((path) => parseAnyStorePath(cache.settings.storeDirectory, path));
    const roots = [...named, ...(await readRoots(values['db-url']))];
    using line = new ProgressLine();
    const onProgress = (doing: string): void => line.tell(doing);
    const garbage = await findGarbage(cache, { roots, before, onProgress });
    if (!values['dry-run']) await sweepGarbage(cache, garbage, onProgress);
    line[Symbol.dispose]();
    if (values.json) console.log(JSON.stringify(report(garbage, values['dry-run'])));
    else console.log(sentence(garbage, values['dry-run']));
    return 0;
  },
};

/** @throws Fault where nothing is kept: that is the wrong database rather than a farm that wants to lose all it has */
async function readRoots(url: string | undefined): Promise<StorePath[]> {
  await using opened = await openCommandDatabase(url);
  await prepareOwnSchema(opened.database);
  const names = await listKeptOutputs(opened.database, Math.floor(Date.now() / 1_000));
  if (names.length === 0)
    throw new Fault('bad-usage', 'the database keeps no builds, so that all would go', {
      remedy: 'Look whether it is that of the farm which fills this cache.',
    });
  return names.flatMap(readName);
}

/** Outputs that only a build can tell have no name yet. */
function readName(name: string): StorePath[] {
  try {
    return [parseBaseName(name)];
  } catch (error) {
    if (error instanceof NixFormatError) return [];
    throw error;
  }
}

function readDays(text: string): number {
  const days = Number(text);
  if (text.trim() !== '' && Number.isFinite(days) && days >= 0) return days;
  throw new Fault('bad-usage', `--grace-days takes a number of days, not '${text}'`);
}

const bytesOf = (garbage: Garbage): number =>
  kinds.flatMap((kind) => garbage[kind]).reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0);

const report = (garbage: Garbage, dryRun: boolean) => ({
  dryRun,
  kept: garbage.kept,
  bytes: bytesOf(garbage),
  ...Object.fromEntries(kinds.map((kind) => [kind, garbage[kind].map(({ key }) => key)])),
});

function sentence(garbage: Garbage, dryRun: boolean): string {
  const { narinfos, archives, kept } = garbage;
  const size = `${(bytesOf(garbage) / 2 ** 20).toFixed(1)} MiB`;
  const verb = dryRun ? 'would be removed' : 'removed';
  return `${narinfos.length} paths and ${archives.length} archives ${verb}, ${size}; ${kept} paths stay.`;
}
