/**
 * Who reads: the name of a user, null for somebody unknown, `*` for who may see everything. A hidden project, and a hidden
 * jobset, is there for its owner and members only.
 */
export type Reader = string | null;

/** Whether the reader that is parameter `number` may see jobset `j` of project `p`. */
export const isReadable = (number: number): string => `(
  (j.hidden = 0 and p.hidden = 0) or ${hasPart(number)})`;

/** Whether the reader that is parameter `number` may see project `p`. */
export const isReadableProject = (number: number): string => `(p.hidden = 0 or ${hasPart(number)})`;

const hasPart = (number: number): string => `
  $${number}::text = '*' or p.owner = $${number} or exists (
    select 1 from projectmembers m where m.project = p.name and m.username = $${number})`;

/** Ids of the jobsets that a reader (parameter `reader`) may see, of a project and of a name where those are not null. */
export const readableJobsets = (reader: number, project: number, jobset: number): string => `array(
  select j.id from jobsets j join projects p on p.name = j.project
  where ${isReadable(reader)} and ($${project}::text is null or j.project = $${project})
    and ($${jobset}::text is null or j.name = $${jobset}))`;
