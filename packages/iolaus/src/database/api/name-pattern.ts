import type { Queryable } from '../connection/connection.ts';
import { containing } from '../hydra-api/search.ts';

/** What narrows a search by names down: `like` is answered from an index, `text` is looked for in what that finds. */
export type NamePattern = { readonly like: string; readonly text: string };

// What has fewer letters is in no index of trigrams but where a word begins.
const anywhereLettersMin = 3;

/**
 * For the names of builds that have a text in them, in any case; if it is very short, that begin with it. Most of a text is
 * often in most names: an index is quick only with the word of it that is rarest in a sample of them.
 */
export function namePattern(text: string, sample: readonly string[]): NamePattern {
  const wanted = text.toLowerCase();
  if (wanted.length < anywhereLettersMin)
    return { like: containing(wanted).slice(1), text: wanted };
  const words = wanted.split(/[^a-z0-9]+/).filter((word) => word.length >= anywhereLettersMin);
  const counted = words.map((word) => ({
    word,
    count: sample.filter((name) => name.includes(word)).length,
  }));
  const [rarest] = counted.toSorted(
    (one, other) => one.count - other.count || other.word.length - one.word.length,
  );
  return { like: containing(rarest?.word ?? wanted), text: wanted };
}

/** A hundred names, as the server has them of the index: what it plans by. */
export const sampleNamesStatement = `
  select unnest(s.histogram_bounds::text::text[]) as "name" from pg_stats s
  where s.schemaname = current_schema() and s.tablename = 'iolausbuildsnames'`;

// The server looks anew after some ten thousand builds.
const keptMilliseconds = 600_000;

const samples = new WeakMap<
  Queryable,
  { readonly names: Promise<string[]>; readonly at: number }
>();

/** Names of builds, some of all kinds; none where there is no index of them. Asked for now and then only. */
export function sampleNames(database: Queryable): Promise<string[]> {
  const known = samples.get(database);
  if (known !== undefined && performance.now() - known.at < keptMilliseconds) return known.names;
  const names = database
    .query<{ name: string }>(sampleNamesStatement)
    .then((rows) => rows.map(({ name }) => name));
  samples.set(database, { names, at: performance.now() });
  names.catch(() => samples.delete(database));
  return names;
}
