/** Jobsets that are not hidden, and whose project is not: of others nothing is told to whoever asks by name either. */
export const visibleJobsets = `(
  select j.* from jobsets j join projects p on p.name = j.project where j.hidden = 0 and p.hidden = 0)`;

/** What step `s` was resolved to. In databases that are older than the column it is null. */
export const resolvedDerivation = `to_jsonb(s) ->> 'resolveddrvpath'`;

/** Whether project or jobset `row` may run commands. In databases that are older than the column none may. */
export const mayRunCommands = (row: string): string =>
  `coalesce((to_jsonb(${row}) ->> 'enable_dynamic_run_command')::boolean, false)`;

/** A row that is JSON already: PostgreSQL writes it, and nobody in between takes it apart. */
export type JsonRow = { readonly json: string };
