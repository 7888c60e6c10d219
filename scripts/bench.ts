import { parseArgs } from 'node:util';
import { printReport } from '../bench/report.ts';
import type { BenchReport } from '../bench/report.ts';

type Measure = (options: {
  readonly graph: string | undefined;
  readonly limit: number;
  readonly only: string | undefined;
}) => Promise<BenchReport>;

/** Loaded when asked for: no bench waits for, or measures, what another needs. */
type Bench = { readonly summary: string; load(): Promise<Measure> };

const benches: Readonly<Record<string, Bench>> = {
  overhead: {
    summary: 'what the whole farm adds to building 500 trivial derivations',
    load: async () => (await import('../bench/overhead.ts')).measureOverhead,
  },
  runner: {
    summary: 'how many steps and builders a runner takes, and what a restart costs',
    load: async () => (await import('../bench/runner.ts')).measureRunner,
  },
  provisioner: {
    summary: 'days of bursts with as many machines as our rule says, the old one, or always all',
    load: async () => (await import('../bench/provisioner.ts')).measureProvisioner,
  },
  cache: {
    summary: 'publishing to binary caches beside `nix copy` and plain PUTs',
    load: async () => (await import('../bench/cache.ts')).measureCache,
  },
  page: {
    summary: 'what a browser has of the page: weight, first content, a queue of 200,000 steps',
    load: async () => (await import('../bench/web/measure-page.ts')).reportPage,
  },
  farm: {
    summary: 'what the heart holds, how fast it decides and how well it schedules',
    load: async () => (await import('../bench/farm.ts')).measureFarm,
  },
  log: {
    summary: 'how soon a line that a build prints is with who follows its log',
    load: async () => (await import('../bench/log-latency.ts')).measureLogLatency,
  },
  web: {
    summary:
      'lists of API v2 at a million builds and ten million steps, 1,500 viewers, and the page',
    load: async () => (await import('../bench/web.ts')).measureWeb,
  },
  'widen-timestamps': {
    summary: 'who is held up, and for how long, while the times of a million builds become wide',
    load: async () => (await import('../bench/runner/widen-timestamps.ts')).measureWidenTimestamps,
  },
  nix: {
    summary: "the Nix library beside Nix's own programs: archives, derivations, the daemon",
    load: async () => (await import('../bench/nix.ts')).measureNix,
  },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    graph: { type: 'string' },
    limit: { type: 'string', default: '500' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const bench = benches[positionals[0] ?? ''];
if (values.help || bench === undefined) {
  console.log(
    'npm run bench -- NAME [--json] [--graph FILE.jsonl.gz] [--limit N] [--only PART,…]\n',
  );
  for (const [name, { summary }] of Object.entries(benches)) console.log(`  ${name}  ${summary}`);
  process.exitCode = values.help ? 0 : 2;
} else {
  const limit = Number(values.limit);
  const measure = await bench.load();
  printReport(await measure({ graph: values.graph, limit, only: values.only }), values.json);
}
