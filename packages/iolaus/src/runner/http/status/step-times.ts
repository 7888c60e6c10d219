import type { StepTimes } from '../../observation/ledger.ts';

/** Milliseconds; the averages are over the steps that were reported. */
export function describeTimes(times: StepTimes, steps: number): Record<string, number> {
  const average = (total: number): number => (steps === 0 ? 0 : Math.round(total / steps));
  return {
    avgStepTimeMs: average(times.total),
    avgStepImportTimeMs: average(times.import),
    avgStepBuildTimeMs: average(times.build),
    avgStepUploadTimeMs: average(times.upload),
    totalStepTimeMs: times.total,
    totalStepImportTimeMs: times.import,
    totalStepBuildTimeMs: times.build,
    totalStepUploadTimeMs: times.upload,
  };
}
