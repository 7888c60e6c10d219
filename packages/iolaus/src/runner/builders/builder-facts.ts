import type { BuilderFacts, BuilderHealth } from '../../farm/facts.ts';
import type { Join, Ping } from '../../protocol/join.ts';
import { ourDialect } from '../../protocol/version.ts';

// The tiniest steps take some three milliseconds a slot. Their successors come with the next transaction, up to a hundred
// later when the builder's messages and the database's rest add up; of slower steps the farm gives it fewer.
const stepsAheadMin = 100;

/** What its ping says. */
export function builderHealth({ pressure, ...ping }: Ping): BuilderHealth {
  const cpu = pressure?.cpuSome?.average10;
  const memory = pressure?.memoryFull?.average10;
  const io = pressure?.ioFull?.average10;
  return {
    buildDirectoryFreePercent: ping.buildDirectoryFreePercent,
    storeFreePercent: ping.storeFreePercent,
    load1: ping.load1,
    ...(cpu === undefined ? {} : { cpuPressure: cpu }),
    ...(memory === undefined ? {} : { memoryPressure: memory }),
    ...(io === undefined ? {} : { ioPressure: io }),
  };
}

/** What its join says. */
export function builderFacts(join: Join): BuilderFacts {
  return {
    hostname: join.hostname,
    systems: join.systems,
    supportedFeatures: join.supportedFeatures,
    mandatoryFeatures: join.mandatoryFeatures,
    slots: join.maxJobs,
    // Ours hold what they cannot start yet; others would start it at once.
    ahead: join.dialect === ourDialect ? join.maxJobs + stepsAheadMin : 0,
    speedFactor: join.speedFactor,
    cpuCount: join.cpuCount,
    bogomips: join.bogomips,
    buildDirectoryThreshold: join.buildDirectoryThreshold,
    storeThreshold: join.storeThreshold,
    ...(join.totalMemoryBytes > 0 ? { memoryBytes: join.totalMemoryBytes } : {}),
    load1Threshold: join.load1Threshold,
    cpuPressureThreshold: join.cpuPressureThreshold,
    memoryPressureThreshold: join.memoryPressureThreshold,
    ioPressureThreshold: join.ioPressureThreshold,
  };
}
