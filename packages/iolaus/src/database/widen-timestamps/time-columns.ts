/**
 * Every column of Hydra's that holds seconds since 1970 in 32 bits, which end on 2038-01-19. Left out is
 * `builds.globalpriority`, which holds a time only when somebody bumps a build: Hydra's own migration leaves it, too, and its
 * runner reads it as 32 bits.
 */
export const timeColumns: Readonly<Record<string, readonly string[]>> = {
  jobsets: ['errortime', 'lastcheckedtime', 'triggertime', 'starttime'],
  builds: ['timestamp', 'starttime', 'stoptime', 'notificationpendingsince'],
  buildsteps: ['starttime', 'stoptime'],
  buildmetrics: ['timestamp'],
  cachedpathinputs: ['timestamp', 'lastseen'],
  cachedcvsinputs: ['timestamp', 'lastseen'],
  evaluationerrors: ['errortime'],
  jobsetevals: ['timestamp'],
  newsitems: ['createtime'],
  taskretries: ['retry_at'],
  runcommandlogs: ['start_time', 'end_time'],
};

/** The column that takes over, while the old one is still in its place. */
export const wideName = (name: string): string => `${name}_wide`;
/** The old column, and what belongs to it, while the new one is in its place. */
export const narrowName = (name: string): string => `${name}_narrow`;

/** An identifier for a statement. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A definition as PostgreSQL prints it, with other columns in the place of some. */
export function replaceColumns(
  definition: string,
  columns: readonly string[],
  rename: (column: string) => string,
): string {
  return columns.reduce(
    (text, column) =>
      text.replaceAll(
        new RegExp(`"${column}"|(?<![\\w."])${column}(?![\\w"])`, 'g'),
        rename(column),
      ),
    definition,
  );
}
