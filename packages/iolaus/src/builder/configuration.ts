import { z } from 'zod';

const percent = z.number().min(0).max(100);
const words = z.array(z.string().min(1));

/**
 * The builder's configuration file (TOML). Names and defaults are those of Hydra's builder; unknown keys are an error
 * there as here. Unlike there, `maxJobs` is also kept by the builder itself.
 */
export const builderConfigurationSchema = z.strictObject({
  /** Seconds. */
  pingInterval: z.number().int().min(1).max(3_600).default(10),
  speedFactor: z.number().positive().default(1),
  maxJobs: z.number().int().min(1).max(10_000).default(4),
  /** 0: all there are. */
  buildCores: z.number().int().nonnegative().max(100_000).default(0),
  buildDirAvailThreshold: percent.default(10),
  storeAvailThreshold: percent.default(10),
  load1Threshold: z.number().nonnegative().default(8),
  cpuPsiThreshold: percent.default(75),
  memPsiThreshold: percent.default(80),
  /** Absent: not looked at. */
  ioPsiThreshold: percent.optional(),
  /** Absent: what Nix says. */
  systems: words.optional(),
  supportedFeatures: words.optional(),
  mandatoryFeatures: words.default([]),
  useSubstitutes: z.boolean().default(false),
});

export type BuilderConfiguration = z.infer<typeof builderConfigurationSchema>;
