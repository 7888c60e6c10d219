import type { Queryable } from '../connection/connection.ts';

export type MetricRow = {
  readonly name: string;
  readonly value: number;
  readonly unit: string | null;
};

export const listMetricsStatement = `
  select name, value, unit from buildmetrics where build = $1 order by name`;

export async function listMetrics(database: Queryable, build: number): Promise<MetricRow[]> {
  return database.query<MetricRow>(listMetricsStatement, [build]);
}
