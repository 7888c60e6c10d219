/** Who reads, told by the projects whose hidden parts they may see, too; `all` of them for administrators. */
export type Reader = readonly string[] | 'all';

/** A reader as a parameter of statements: null stands for all. */
export const readerParameter = (reader: Reader): readonly string[] | null =>
  reader === 'all' ? null : reader;

/** Whether the reader that is parameter `number` may see jobset `j` of project `p`. */
export const isReadable = (number: number): string =>
  `(j.hidden = 0 and p.hidden = 0 or ${hasPart(number)})`;

/** Whether the reader that is parameter `number` may see project `p`. */
export const isReadableProject = (number: number): string => `(p.hidden = 0 or ${hasPart(number)})`;

const hasPart = (number: number): string =>
  `$${number}::text[] is null or p.name = any($${number})`;

/** Ids of the jobsets that a reader (parameter `reader`) may see, of a project and of a name where those are not null. */
export const readableJobsets = (reader: number, project: number, jobset: number): string => `array(
  select j.id from jobsets j join projects p on p.name = j.project
  where ${isReadable(reader)} and ($${project}::text is null or j.project = $${project})
    and ($${jobset}::text is null or j.name = $${jobset}))`;
