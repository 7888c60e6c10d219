/** A made-up machine: how it is, and what its runner says of it. */
export type MadeUpMachine = {
  readonly name: string;
  readonly system: string;
  readonly slots: number;
  readonly cores: number;
  readonly running: number;
  readonly closed: string | null;
  readonly faults: number;
};

const well = { closed: null, faults: 0 };
const intel = { system: 'x86_64-linux', ...well };
const arm = { system: 'aarch64-linux', ...well };

export const machines: readonly MadeUpMachine[] = [
  { name: 'apollo', ...intel, slots: 4, cores: 32, running: 4 },
  { name: 'ares', ...intel, slots: 4, cores: 32, running: 3 },
  { name: 'artemis', ...arm, slots: 3, cores: 80, running: 3 },
  { name: 'athena', ...intel, slots: 8, cores: 64, running: 7, closed: 'draining' },
  { name: 'hephaestus', ...intel, slots: 2, cores: 16, running: 0, closed: 'paused', faults: 3 },
  { name: 'hera', ...arm, slots: 2, cores: 16, running: 1 },
  { name: 'hermes', system: 'aarch64-darwin', ...well, slots: 2, cores: 10, running: 1 },
];

const gibibyte = 2 ** 30;

/** `GET /status/machines` and `GET /builders` of their runner. */
export const machineAnswers = (): Readonly<Record<string, object>> => ({
  '/status/machines': {
    machines: Object.fromEntries(machines.map((machine) => [machine.name, statusOf(machine)])),
  },
  '/builders': { builders: machines.map(standingOf) },
});

function statusOf({ name, system, slots, cores, running, faults }: MadeUpMachine): object {
  const share = running / slots;
  const stall = (percent: number): object => ({ avg10: percent * share });
  return {
    hostname: name,
    systems: [system],
    supportedFeatures: ['big-parallel', 'kvm'],
    mandatoryFeatures: [],
    maxJobs: slots,
    cpuCount: cores,
    totalMem: 4 * cores * gibibyte,
    jobs: [],
    hasCapacity: running < slots,
    stats: {
      currentJobs: running,
      nrStepsDone: 120 * slots,
      succeededBuilds: 118 * slots,
      failedBuilds: 2 * slots,
      lastFailure: faults === 0 ? 0 : secondsNow() - 240,
      load1: cores * share * 0.9,
      memUsage: cores * gibibyte * (0.6 + 2.8 * share),
      storeFreePercent: 64 - 6 * slots,
      buildDirFreePercent: 81,
      pressure: { cpuSome: stall(48), memFull: stall(3), ioFull: stall(11) },
    },
  };
}

function standingOf({ name, system, slots, running, closed, faults }: MadeUpMachine): object {
  return {
    hostname: name,
    systems: [system],
    supportedFeatures: ['big-parallel', 'kvm'],
    mandatoryFeatures: [],
    slots,
    closed,
    hold: closed === 'draining' ? 'draining' : null,
    faults,
    blames: Math.floor(faults / 2),
    onTrial: faults > 0,
    pausedUntil: faults === 0 ? null : Date.now() + 540_000,
    uptimeSeconds: 86_400 * slots + 5_000,
    secondsLeft: 700 * running,
  };
}

const secondsNow = (): number => Math.floor(Date.now() / 1_000);
