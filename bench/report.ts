import { cpus, totalmem } from 'node:os';

/** What a bench found out. Keys end in their unit or in `Ratio`. */
export type BenchReport = {
  readonly bench: string;
  readonly figures: Readonly<Record<string, number>>;
  /** For people: what each figure means, and where the time went. */
  readonly explanation: string;
};

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};

/** One object for machines, or a table for people. */
export function printReport({ bench, figures, explanation }: BenchReport, asJson: boolean): void {
  const rounded = Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [key, Number(value.toPrecision(4))]),
  );
  if (asJson) {
    console.log(JSON.stringify({ bench, figures: rounded, machine }));
    return;
  }
  const width = Math.max(...Object.keys(rounded).map((key) => key.length));
  console.log(`${bench} on ${machine.cores} × ${machine.cpu}, Node ${machine.node}\n`);
  for (const [key, value] of Object.entries(rounded))
    console.log(`  ${key.padEnd(width)}  ${value}`);
  console.log(`\n${explanation}`);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
