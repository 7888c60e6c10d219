import type { ListedObject } from '../../../cache/objects/object-store.ts';
import { objectKind } from '../../../cache/upkeep/object-kind.ts';
import type { ObjectKind } from '../../../cache/upkeep/object-kind.ts';

type ReportOptions = {
  readonly 'dry-run': boolean;
  readonly json: boolean;
  /** How many there were. */
  readonly narinfos: number;
};

/** Tells what was removed from a cache, or would be. */
export function printReport(removed: readonly ListedObject[], options: ReportOptions): void {
  const keysOf = (kind: ObjectKind): string[] =>
    removed.map(({ key }) => key).filter((key) => objectKind(key) === kind);
  const narinfos = keysOf('narinfos');
  const archives = keysOf('archives');
  const bytes = removed.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0);
  const kept = options.narinfos - narinfos.length;
  const dryRun = options['dry-run'];
  if (options.json) {
    const others = { listings: keysOf('listings'), debugLinks: keysOf('debug links') };
    console.log(JSON.stringify({ dryRun, kept, bytes, narinfos, archives, ...others }));
    return;
  }
  const verb = dryRun ? 'would be removed' : 'removed';
  const size = `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  console.log(
    `${narinfos.length} paths and ${archives.length} archives ${verb}, ${size}; ${kept} paths stay.`,
  );
}
