import { Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Spreads } from '../../observation/ledger.ts';
import { metricPrefix } from './metric-names.ts';

// Hydra's own, so that what adds up its buckets can add up ours.
const waitBucketsSeconds = [1, 10, 60, 300, 900, 3_600, 7_200, 86_400];
const inputBuckets = [0, 1, 5, 10, 25, 50, 100, 250, 500];
const closureBucketsBytes = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** Puts the histograms into the registry; what fills them is told here. */
export function openSpreads(registry: Registry): Spreads {
  const histogram = (name: string, help: string, buckets: number[]): Histogram<'machine_type'> =>
    new Histogram({
      name: metricPrefix + name,
      help,
      buckets,
      labelNames: ['machine_type'] as const,
      registers: [registry],
    });
  const waits = histogram(
    'job_wait_time_seconds',
    'Seconds from runnable to given out',
    waitBucketsSeconds,
  );
  const inputs = histogram(
    'build_input_drvs_seconds',
    'Inputs of a step that were not built (a number, whatever the name says)',
    inputBuckets,
  );
  // Of builds that are found in a store in S3, which the runner does not look into.
  histogram('build_closure_size_bytes', 'Closure sizes of cached builds', closureBucketsBytes);
  return {
    noteWait: (system, milliseconds) =>
      waits.observe({ machine_type: system }, milliseconds / 1_000),
    noteInputs: (system, count) => inputs.observe({ machine_type: system }, count),
  };
}
