import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { AttemptReport } from './attempt-report.ts';
import { BuildResultInfoSchema } from './generated/runner/v1/build_pb.ts';
import { parseMachineUuid } from './identity.ts';
import { required } from './translation/field.ts';
import { fromAttemptReportMessage, toAttemptReportMessage } from './translation/attempt-report.ts';

/** A report that waits for its tunnel, and has the name of none yet. */
export type StoredReport = Omit<AttemptReport, 'machine'>;

const nobody = required('machine_id', parseMachineUuid('00000000-0000-0000-0000-000000000000'));

/** As `CompleteBuild` has it. */
export function encodeReport(report: StoredReport): Uint8Array {
  const message = toAttemptReportMessage({ ...report, machine: nobody });
  return toBinary(BuildResultInfoSchema, message);
}

/** Throws for bytes that are no report. */
export function decodeReport(bytes: Uint8Array): StoredReport {
  const { machine: _, ...report } = fromAttemptReportMessage(
    fromBinary(BuildResultInfoSchema, bytes),
  );
  return report;
}
