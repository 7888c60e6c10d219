import { z } from 'zod';

const time = z.iso.datetime().nullable();

/** What `iolaus build --json` promises to print: these keys and no others. */
const reportSchema = z.strictObject({
  builds: z.array(
    z.strictObject({
      attr: z.string(),
      drvPath: z.string().nullable(),
      status: z.enum([
        'succeeded',
        'failed',
        'dependency-failed',
        'timed-out',
        'log-limit-exceeded',
        'output-limit-exceeded',
        'aborted',
        'cancelled',
        'cached-failure',
        'evaluation-failed',
      ]),
      outputs: z.record(z.string(), z.string()),
      startedAt: time,
      stoppedAt: time,
      machine: z.string().nullable(),
      error: z.string().nullable(),
    }),
  ),
  steps: z.number().int(),
  seconds: z.number(),
});

export type PrintedReport = z.infer<typeof reportSchema>;

/** Throws where standard output is anything but one object of that shape. */
export const readReport = (stdout: string): PrintedReport => reportSchema.parse(JSON.parse(stdout));

/** The status of each attribute. */
export function statuses({ builds }: PrintedReport): Record<string, string> {
  return Object.fromEntries(builds.map(({ attr, status }) => [attr, status]));
}
