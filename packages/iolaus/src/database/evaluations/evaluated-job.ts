/** A job of an evaluation. Paths with the store directory. */
export type EvaluatedJob = {
  readonly job: string;
  readonly name: string;
  readonly system: string;
  readonly derivation: string;
  /** Null where the path is not known before the build. */
  readonly outputs: ReadonlyMap<string, string | null>;
  readonly description: string | null;
  readonly homepage: string | null;
  readonly license: readonly string[];
  readonly maintainers: readonly string[];
  readonly priority: number | null;
  readonly maxSilentSeconds: number | null;
  readonly timeoutSeconds: number | null;
  readonly isChannel: boolean;
};

/** What makes two builds of a jobset the same: the job, and its first output, which stands for all. */
type Identity = {
  readonly job: string;
  readonly derivation: string;
  /** Null where it has none. */
  readonly outputName: string | null;
  /** Null while it is not known: then the derivation has to be the same. */
  readonly outputPath: string | null;
};

export const keyOf = ({ job, derivation, outputName, outputPath }: Identity): string =>
  JSON.stringify([job, outputName, outputPath ?? derivation]);

/** First by name, as bytes are compared. */
export function keyOfJob({ job, derivation, outputs }: EvaluatedJob): string {
  const [outputName = null] = [...outputs.keys()].toSorted();
  const outputPath = outputName === null ? null : (outputs.get(outputName) ?? null);
  return keyOf({ job, derivation, outputName, outputPath });
}
