import { readFile } from 'node:fs/promises';
import type { Pressure, PressureState } from '../../protocol/join.ts';

const folder = '/proc/pressure';

/** Linux's pressure stall information; null where the kernel does not keep it. */
export async function readPressure(): Promise<PressureState | null> {
  const [cpu, memory, io, irq] = await Promise.all([
    readResource('cpu'),
    readResource('memory'),
    readResource('io'),
    readResource('irq'),
  ]);
  if (cpu === null && memory === null && io === null && irq === null) return null;
  return {
    cpuSome: parsePressure(cpu, 'some'),
    memorySome: parsePressure(memory, 'some'),
    memoryFull: parsePressure(memory, 'full'),
    ioSome: parsePressure(io, 'some'),
    ioFull: parsePressure(io, 'full'),
    irqFull: parsePressure(irq, 'full'),
  };
}

async function readResource(name: string): Promise<string | null> {
  try {
    return await readFile(`${folder}/${name}`, 'utf8');
  } catch {
    return null;
  }
}

/** The line `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, or the one that begins with `full`. */
export function parsePressure(text: string | null, share: 'some' | 'full'): Pressure | null {
  const line = text?.split('\n').find((one) => one.startsWith(`${share} `));
  const figures = new Map(
    line?.split(' ').map((field) => {
      const [name = '', value = ''] = field.split('=');
      return [name, Number(value)];
    }),
  );
  const [average10, average60, average300, totalMicroseconds] = [
    figures.get('avg10'),
    figures.get('avg60'),
    figures.get('avg300'),
    figures.get('total'),
  ];
  return average10 === undefined ||
    average60 === undefined ||
    average300 === undefined ||
    totalMicroseconds === undefined
    ? null
    : { average10, average60, average300, totalMicroseconds };
}
