/** Milliseconds that reported attempts took: in all, and in their parts. */
export type StepTimes = { total: number; import: number; build: number; upload: number };

export const noTimes = (): StepTimes => ({ total: 0, import: 0, build: 0, upload: 0 });

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
