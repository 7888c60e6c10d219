import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runSession } from '../packages/nix/fuzz/session.ts';
import type { Finding, TargetCount } from '../packages/nix/fuzz/worker.ts';

const help = `npm run fuzz -- [--seconds N] [--inputs N] [--seed N] [--only NAME] [--first N]

Tries damaged inputs on every parser of @iolaus/nix and tells those at which one crashes, hangs, takes too much
memory, or throws an error that does not say where the input is wrong. Status 1 if there are any.

  --seconds N   how long (30)
  --inputs N    end after so many inputs, if that comes first
  --seed N      the same seed makes the same inputs
  --only NAME   only the target of this name, or those with this in their names
  --first N     begin with this input of each`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    inputs: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    only: { type: 'string', default: '' },
    first: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const inputs = Number(values.inputs);
const seed = Number(values.seed);
const first = Number(values.first);
const understood =
  seconds > 0 && inputs > 0 && Number.isInteger(seed) && Number.isInteger(first) && first >= 0;
if (values.help || !understood) {
  console.log(help);
  process.exitCode = values.help ? 0 : 2;
} else {
  await fuzz();
}

async function fuzz(): Promise<void> {
  const start = performance.now();
  let nextLine = 0;
  const { counts, findings } = await runSession({
    folder: fileURLToPath(new URL('../packages/nix/src', import.meta.url)),
    pattern: '**/*.fuzz.ts',
    only: values.only,
    seed,
    first,
    seconds,
    inputs,
    onProgress(soFar, found) {
      const elapsed = (performance.now() - start) / 1000;
      if (elapsed < nextLine) return;
      // On a terminal the line is written over; a log gets one now and then.
      nextLine = elapsed + (process.stderr.isTTY ? 0.25 : 10);
      const line = `${Math.round(elapsed)} of ${seconds} s: ${speed(soFar, elapsed)}, ${found.length} found`;
      process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const elapsed = (performance.now() - start) / 1000;
  printCounts(counts);
  for (const finding of findings) printFinding(finding);
  console.log(`${speed(counts, elapsed)}, seed ${seed}, ${findings.length} found`);
  if (findings.length > 0) process.exitCode = 1;
}

function speed(counts: readonly TargetCount[], seconds: number): string {
  const tried = counts.reduce((sum, count) => sum + count.tried, 0);
  return `${tried.toLocaleString('en')} inputs (${Math.round(tried / seconds).toLocaleString('en')} a second)`;
}

function printCounts(counts: readonly TargetCount[]): void {
  const width = Math.max(0, ...counts.map(({ target }) => target.length));
  for (const { target, tried, accepted } of counts)
    console.log(
      `  ${target.padEnd(width)}  ${tried.toLocaleString('en').padStart(11)} tried, ${accepted.toLocaleString('en').padStart(9)} taken for good`,
    );
}

function printFinding({ target, number, fault, input }: Finding): void {
  const bytes = Buffer.from(input);
  console.log(`\n${fault.kind} in ${target}: ${fault.message}`);
  console.log(
    `  again: npm run fuzz -- --seed ${seed} --only '${target}' --first ${number} --inputs 1`,
  );
  console.log(`  ${bytes.length} bytes: ${JSON.stringify(bytes.toString('latin1'))}`);
  console.log(`  in hex: ${bytes.toString('hex')}\n`);
}
