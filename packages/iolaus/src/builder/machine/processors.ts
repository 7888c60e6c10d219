import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The machine's processors, as far as a scheduler cares. */
export type Processors = {
  readonly count: number;
  /** What the kernel's delay loop makes of one of them; 0 where it does not tell. */
  readonly bogomips: number;
};

export function readProcessors(): Processors {
  return { count: availableParallelism(), bogomips: parseBogomips(readProcessorFile()) };
}

function readProcessorFile(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}

/** The mean, since processors of one machine may differ. x86 writes `bogomips`, ARM `BogoMIPS`. */
export function parseBogomips(text: string): number {
  const figures = [...text.matchAll(/^bogomips\s*:\s*([\d.]+)\s*$/gim)].map(([, figure]) =>
    Number(figure),
  );
  return figures.length === 0 ? 0 : figures.reduce((sum, one) => sum + one, 0) / figures.length;
}
