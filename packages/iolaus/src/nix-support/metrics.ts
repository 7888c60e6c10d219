import type { BuildMetric } from '../farm/facts.ts';

const namePattern = /^[A-Za-z0-9._-]+$/;
const unitPattern = /^[A-Za-z0-9._%-]+$/;
const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const endlessPattern = /^(?<sign>[+-]?)inf(?:inity)?$/i;
const noNumberPattern = /^[+-]?nan$/i;

// Names are in an index of the database, whose entries are limited to some 2,700 bytes.
const nameCharactersMax = 255;
// Far beyond any real build; the largest known has some hundreds.
const metricsMax = 10_000;

/** Parses `hydra-metrics`: `name value [unit]` a line. Of several lines with one name the last one counts. */
export function parseMetrics(text: string): BuildMetric[] {
  const metrics = new Map<string, BuildMetric>();
  for (const line of text.split('\n', metricsMax)) {
    const metric = parseMetric(line);
    if (metric !== null) metrics.set(metric.name, metric);
  }
  return [...metrics.values()];
}

/** Parses one line; null if it is not of the grammar. A unit with odd characters counts as none. */
export function parseMetric(line: string): BuildMetric | null {
  const [name = '', number = '', unit = ''] = line.trim().split(/\s+/, 3);
  const value = parseValue(number);
  if (value === null || name.length > nameCharactersMax || !namePattern.test(name)) return null;
  return { name, value, unit: isUnit(unit) ? unit : null };
}

function isUnit(text: string): boolean {
  return text.length <= nameCharactersMax && unitPattern.test(text);
}

/** A decimal number, `inf` or `nan`; neither hexadecimal nor with anything behind it. */
function parseValue(text: string): number | null {
  if (numberPattern.test(text)) return Number(text);
  const sign = endlessPattern.exec(text)?.groups?.['sign'];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  return noNumberPattern.test(text) ? Number.NaN : null;
}
