import type { Builder } from '../api/v2.ts';
import { formatSize } from '../parts/size.ts';

/** A gauge's reading. */
export type Measure = {
  readonly name: string;
  readonly percent: number | null;
  readonly told: string;
  readonly warnFrom?: number;
};

/** What a builder that is away said last means nothing. */
export const measuresOf = (builder: Builder): readonly Measure[] =>
  builder.closed === 'away'
    ? []
    : [loadOf(builder), pressureOf(builder), memoryOf(builder), diskOf(builder)];

function loadOf({ load1, cores }: Builder): Measure {
  const told = cores > 0 ? `${load1.toFixed(1)} / ${cores}` : load1.toFixed(1);
  return { name: 'Load', percent: cores > 0 ? (100 * load1) / cores : null, told, warnFrom: 150 };
}

/** The worst of the three: which it is, is told beside it. */
function pressureOf({ pressure }: Builder): Measure {
  const { cpuPercent, memoryPercent, ioPercent } = pressure;
  const kinds = { cpu: cpuPercent, memory: memoryPercent, io: ioPercent };
  let worst: { readonly kind: string; readonly percent: number } | undefined;
  for (const [kind, percent] of Object.entries(kinds)) {
    if (percent !== null && percent > (worst?.percent ?? -1)) worst = { kind, percent };
  }
  if (worst === undefined) return { name: 'Pressure', percent: null, told: '' };
  const told = `${worst.percent.toFixed(0)} % ${worst.kind}`;
  return { name: 'Pressure', percent: worst.percent, told, warnFrom: 60 };
}

function memoryOf({ memoryBytes, memoryUsedBytes }: Builder): Measure {
  if (memoryBytes === 0) return { name: 'Memory', percent: null, told: '' };
  const told = `${formatSize(memoryUsedBytes)} of ${formatSize(memoryBytes)}`;
  return { name: 'Memory', percent: (100 * memoryUsedBytes) / memoryBytes, told };
}

/** Of the fuller one of the two disks that it needs. */
function diskOf({ storeFreePercent, buildDirectoryFreePercent }: Builder): Measure {
  const free = Math.min(storeFreePercent, buildDirectoryFreePercent);
  return { name: 'Disk', percent: 100 - free, told: `${free.toFixed(0)} % free` };
}
