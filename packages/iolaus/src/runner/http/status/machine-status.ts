import type { SurveyedBuilder } from '../../../farm/explain/survey.ts';
import type { Join, Ping, Pressure, PressureState } from '../../../protocol/join.ts';
import type { RunnerConfiguration } from '../../settings/configuration.ts';
import type { FleetMember } from '../../observation/fleet.ts';
import type { MachineTally } from '../../observation/ledger.ts';
import type { MachineFacts } from '../../observation/sight.ts';
import { describeTimes } from './step-times.ts';

/** A machine as `/status/machines` of Hydra's queue runner describes it. */
export function describeMachine(
  { member, builder, tally, jobs }: MachineFacts,
  configuration: RunnerConfiguration,
  now: number,
): Record<string, unknown> {
  const { join } = member;
  const isOpen = builder !== undefined && builder.closed === null;
  const hasStaticCapacity = jobs.length < join.maxJobs;
  const hasDynamicCapacity = isUnderPressureLimits(member);
  const { machineFreeFn } = configuration;
  return {
    systems: join.systems,
    hostname: join.hostname,
    uptime: (now - member.joinedAt) / 1_000,
    cpuCount: join.cpuCount,
    bogomips: join.bogomips,
    speedFactor: join.speedFactor,
    maxJobs: join.maxJobs,
    buildDirAvailThreshold: join.buildDirectoryThreshold,
    storeAvailThreshold: join.storeThreshold,
    load1Threshold: join.load1Threshold,
    cpuPsiThreshold: join.cpuPressureThreshold,
    memPsiThreshold: join.memoryPressureThreshold,
    ioPsiThreshold: join.ioPressureThreshold,
    score: scoreOf(join, configuration.machineSortFn),
    totalMem: join.totalMemoryBytes,
    supportedFeatures: join.supportedFeatures,
    mandatoryFeatures: join.mandatoryFeatures,
    cgroups: join.cgroups,
    substituters: join.substituters,
    useSubstitutes: join.useSubstitutes,
    nixVersion: join.nixVersion,
    stats: {
      ...describeTally(tally, { jobs, running: currentJobs({ member, jobs }) }, builder),
      ...describePing(member, now),
    },
    jobs,
    hasCapacity:
      isOpen &&
      (machineFreeFn === 'Dynamic' || hasStaticCapacity) &&
      (!machineFreeFn.startsWith('Dynamic') || hasDynamicCapacity),
    hasDynamicCapacity,
    hasStaticCapacity,
  };
}

/** What runs. Builders of ours hold more, which wait there for a slot. */
export function currentJobs({ member, jobs }: Pick<MachineFacts, 'member' | 'jobs'>): number {
  return Math.min(jobs.length, member.join.maxJobs);
}

/** Seconds since the epoch; 0: it has something to do, be it from before the runner was started. */
export function idleSince({ tally, jobs }: Pick<MachineFacts, 'tally' | 'jobs'>): number {
  return jobs.length > 0 ? 0 : (tally.idleSince ?? 0);
}

function scoreOf(join: Join, order: RunnerConfiguration['machineSortFn']): number {
  if (order === 'SpeedFactorOnly') return join.speedFactor;
  const byCores = join.speedFactor * join.cpuCount;
  return order === 'CpuCoreCountWithSpeedFactor' ? byCores : byCores * Math.max(join.bogomips, 1);
}

/** Pressure decides where it is known, the load average elsewhere. */
function isUnderPressureLimits({ join, ping, pressure }: FleetMember): boolean {
  if (ping === null) return false;
  if (pressure === null || pressure.cpuSome === null) return ping.load1 <= join.load1Threshold;
  const { cpuSome, memoryFull, ioFull } = pressure;
  return (
    cpuSome.average10 <= join.cpuPressureThreshold &&
    (memoryFull?.average10 ?? 0) <= join.memoryPressureThreshold &&
    (join.ioPressureThreshold === null || (ioFull?.average10 ?? 0) <= join.ioPressureThreshold)
  );
}

function describeTally(
  tally: MachineTally,
  { jobs, running }: Pick<MachineFacts, 'jobs'> & { readonly running: number },
  builder: SurveyedBuilder | undefined,
): Record<string, unknown> {
  return {
    currentJobs: running,
    nrStepsDone: tally.stepsDone,
    ...describeTimes(tally.times, tally.stepsDone),
    idleSince: idleSince({ tally, jobs }),
    lastFailure: tally.lastFailure ?? 0,
    disabledUntil: Math.ceil((builder?.pausedUntil ?? 0) / 1_000),
    consecutiveFailures: tally.failuresInARow,
    // Counted by Hydra for a limit that it has given up.
    jobsInLast30sStart: 0,
    jobsInLast30sCount: 0,
    failedBuilds: tally.failed,
    succeededBuilds: tally.succeeded,
  };
}

function describePing(
  { ping, pressure, pingedAt, joinedAt }: FleetMember,
  now: number,
): Record<string, unknown> {
  const last = pingedAt ?? joinedAt;
  return {
    lastPing: Math.floor(last / 1_000),
    sinceLastPing: Math.max(0, Math.floor((now - last) / 1_000)),
    load1: ping?.load1 ?? 0,
    load5: ping?.load5 ?? 0,
    load15: ping?.load15 ?? 0,
    memUsage: ping?.memoryUsedBytes ?? 0,
    pressure: pressure === null ? null : describePressure(pressure),
    buildDirFreePercent: ping?.buildDirectoryFreePercent ?? 0,
    storeFreePercent: ping?.storeFreePercent ?? 0,
    currentUploadingPathCount: countOf(ping, 'pathsUploading'),
    currentDownloadingPathCount: countOf(ping, 'pathsDownloading'),
  };
}

const countOf = (ping: Ping | null, what: 'pathsUploading' | 'pathsDownloading'): number =>
  ping?.[what] ?? 0;

function describePressure(state: PressureState): Record<string, unknown> {
  return {
    cpuSome: describeStall(state.cpuSome),
    memSome: describeStall(state.memorySome),
    memFull: describeStall(state.memoryFull),
    ioSome: describeStall(state.ioSome),
    ioFull: describeStall(state.ioFull),
    irqFull: describeStall(state.irqFull),
  };
}

function describeStall(stall: Pressure | null): Record<string, number> | null {
  if (stall === null) return null;
  const {
    average10: avg10,
    average60: avg60,
    average300: avg300,
    totalMicroseconds: total,
  } = stall;
  return { avg10, avg60, avg300, total };
}
