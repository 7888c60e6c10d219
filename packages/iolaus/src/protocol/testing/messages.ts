import fc from 'fast-check';
import type { BuildMetric, BuildProduct } from '../../farm/facts.ts';
import type { Arbitrary } from 'fast-check';
import type { Phase } from '../../farm/outcome.ts';
import type { NixSupport } from '../../nix-support/nix-support.ts';
import type {
  AttemptReport,
  ReportedFailure,
  ReportedOutput,
  StepUpdate,
} from '../attempt-report.ts';
import type { Join, Ping, Pressure } from '../join.ts';
import type { FromBuilder } from '../tunnel-message.ts';
import {
  attemptUuid,
  builderUuid,
  machineUuid,
  mapOf,
  natural,
  orNull,
  record,
  sha256,
  storePath,
  text,
} from './arbitraries.ts';

const float = fc.float({ noNaN: true });
const double = fc.double({ noNaN: true });
const texts = fc.array(text);
const uint32 = fc.nat(2 ** 31);

export const join: Arbitrary<Join> = record({
  machine: machineUuid,
  hostname: text,
  systems: texts,
  supportedFeatures: texts,
  mandatoryFeatures: texts,
  cpuCount: uint32,
  bogomips: float,
  speedFactor: float,
  maxJobs: uint32,
  totalMemoryBytes: natural,
  buildDirectoryThreshold: float,
  storeThreshold: float,
  load1Threshold: float,
  cpuPressureThreshold: float,
  memoryPressureThreshold: float,
  ioPressureThreshold: orNull(float),
  cgroups: fc.boolean(),
  substituters: texts,
  useSubstitutes: fc.boolean(),
  nixVersion: text,
  storeIdentity: orNull(text.filter((identity) => identity !== '')),
  dialect: uint32,
  builder: orNull(builderUuid),
  held: fc.array(record({ attempt: attemptUuid, fence: natural })),
});

const pressure: Arbitrary<Pressure | null> = orNull(
  record({ average10: float, average60: float, average300: float, totalMicroseconds: natural }),
);

export const ping: Arbitrary<Ping> = record({
  machine: machineUuid,
  load1: float,
  load5: float,
  load15: float,
  memoryUsedBytes: natural,
  pressure: orNull(
    record({
      cpuSome: pressure,
      memorySome: pressure,
      memoryFull: pressure,
      ioSome: pressure,
      ioFull: pressure,
      irqFull: pressure,
    }),
  ),
  buildDirectoryFreePercent: double,
  storeFreePercent: double,
  pathsSubstituting: natural,
  pathsUploading: natural,
  pathsDownloading: natural,
});

export const stepUpdate: Arbitrary<StepUpdate> = record({
  attempt: attemptUuid,
  machine: machineUuid,
  phase: fc.constantFrom<Phase>(
    'preparing',
    'connecting',
    'sending-inputs',
    'building',
    'waiting-for-local-slot',
    'receiving-outputs',
    'post-processing',
  ),
});

const product: Arbitrary<BuildProduct> = record({
  type: text,
  subtype: text,
  storePath,
  subPath: text,
  defaultPath: text,
  name: text,
  isRegularFile: fc.boolean(),
  fileSize: orNull(natural),
  sha256: orNull(fc.stringMatching(/^[0-9a-f]{64}$/)),
});

const metric = record({ value: double, unit: orNull(text) });

const nixSupport: Arbitrary<NixSupport> = record({
  failed: fc.boolean(),
  releaseName: orNull(text),
  products: fc.array(product),
  metrics: mapOf(metric).map((metrics) => byName(metrics)),
});

const reportedOutput: Arbitrary<ReportedOutput> = record({
  path: storePath,
  figures: orNull(
    record({
      closureSize: natural,
      narSize: natural.filter((size) => size > 0),
      narHash: orNull(sha256),
    }),
  ),
  nixSupport: orNull(nixSupport),
});

const failure = fc.constantFrom<ReportedFailure>(
  'build-failed',
  'transiently-failed',
  'not-deterministic',
  'timed-out',
  'log-limit-exceeded',
  'output-limit-exceeded',
  'preparing-failed',
  'import-failed',
  'upload-failed',
  'post-processing-failed',
);

// 0 is how a builder that does not know the field looks.
const positive = natural.filter((number) => number > 0);

export const attemptReport: Arbitrary<AttemptReport> = record({
  attempt: attemptUuid,
  machine: machineUuid,
  result: fc.oneof(
    record({ type: fc.constant('succeeded' as const), outputs: mapOf(reportedOutput) }),
    record({ type: fc.constant('failed' as const), failure, message: orNull(text) }),
  ),
  importMilliseconds: natural,
  buildMilliseconds: natural,
  uploadMilliseconds: natural,
  cached: fc.boolean(),
  startedAt: orNull(positive),
  stoppedAt: orNull(positive),
  cpuUserMicroseconds: orNull(positive),
  cpuSystemMicroseconds: orNull(positive),
  peakMemoryBytes: orNull(positive),
});

export const fromBuilder: Arbitrary<FromBuilder> = fc.oneof(
  record({ type: fc.constant('join' as const), join }),
  record({ type: fc.constant('ping' as const), ping }),
  record({ type: fc.constant('step-update' as const), update: stepUpdate }),
  record({ type: fc.constant('complete' as const), report: attemptReport }),
);

/** In the order in which an object has its keys, numbers first, for it arrives in one. */
function byName(metrics: ReadonlyMap<string, Omit<BuildMetric, 'name'>>): BuildMetric[] {
  return Object.entries(Object.fromEntries(metrics)).map(([name, { value, unit }]) => ({
    name,
    value,
    unit,
  }));
}
