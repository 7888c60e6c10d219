import { Counter, Gauge, collectDefaultMetrics } from 'prom-client';
import type { Registry } from 'prom-client';
import {
  jobsetMetrics,
  machineMetrics,
  metricPrefix,
  storeMetrics,
  systemMetrics,
  totalMetrics,
  untouchedMetrics,
} from './metric-names.ts';
import type { Measured, Metric } from './metric-names.ts';
import { countThreads } from '../status/process-status.ts';
import { countEverything } from '../status/runner-status.ts';
import { seeJobsets, seeMachines, seeSystems } from '../../observation/sight.ts';
import type { FullSight } from '../../observation/sight.ts';

export type Metrics = {
  readonly contentType: string;
  /** The page for Prometheus; everything is looked at when it is asked for. */
  render(): Promise<string>;
};

/** All metrics of Hydra's queue runner, under its names, in a registry that has the histograms already. */
export function openMetrics(
  registry: Registry,
  sight: FullSight,
  /** How often builders were refused what they may not do, by kind: that is no metric of Hydra's. */
  refusals: () => ReadonlyMap<string, number>,
): Metrics {
  registerProcess(registry);
  for (const metric of untouchedMetrics) register(registry, metric)({}, 0);
  const totals = registerFamily(registry, totalMetrics);
  const systems = registerFamily(registry, systemMetrics);
  const machines = registerFamily(registry, machineMetrics);
  const stores = registerFamily(registry, storeMetrics);
  const jobsets = registerFamily(registry, jobsetMetrics);
  const refused = registerRefused(registry);

  const render = async (): Promise<string> => {
    const seenJobsets = await seeJobsets(sight);
    const uploadsPending = (await sight.publishing.waiting()).length;
    const now = sight.clock.now();
    const uptime = (now - sight.startedAt) / 1_000;
    for (const family of [systems, machines, stores, jobsets, refused]) family.reset();
    totals.set({}, { ...countEverything(sight), now, uptime, uploadsPending });
    for (const [system, load] of seeSystems(sight)) {
      const waited = sight.ledger.waitMillisecondsOf(system);
      systems.set({ machine_type: system }, { ...load, waited });
    }
    for (const [hostname, machine] of seeMachines(sight)) machines.set({ hostname }, machine);
    for (const [bucket, traffic] of sight.publishing.traffic()) {
      stores.set({ remote_store: bucket }, traffic);
    }
    for (const jobset of seenJobsets) {
      jobsets.set({ jobset_name: `${jobset.project}:${jobset.name}` }, jobset);
    }
    for (const [kind, count] of refusals()) refused.inc({ kind }, count);
    return registry.metrics();
  };

  return { contentType: registry.contentType, render };
}

function registerProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  registry.registerMetric(
    new Gauge({
      name: 'process_threads',
      help: 'Threads of this process',
      registers: [],
      collect() {
        this.set(countThreads());
      },
    }),
  );
}

const registerRefused = (registry: Registry): Counter<'kind'> =>
  new Counter({
    name: 'iolaus_refused_total',
    help: 'What builders may not do, and tried',
    labelNames: ['kind'],
    registers: [registry],
  });

/** Metrics with the same labels, which tell of the same thing. */
type Family<Facts> = {
  set(labels: Record<string, string>, facts: Facts): void;
  reset(): void;
};

function registerFamily<Facts>(
  registry: Registry,
  metrics: readonly Measured<Facts>[],
): Family<Facts> {
  const registered = metrics.map((metric) => ({ metric, set: register(registry, metric) }));
  return {
    set: (labels, facts) => {
      for (const { metric, set } of registered) set(labels, metric.figure(facts));
    },
    reset: () => {
      for (const { set } of registered) set.reset();
    },
  };
}

type Set = ((labels: Record<string, string>, value: number) => void) & { reset(): void };

/** Values are counted elsewhere: a counter is set to what it has come to. */
function register(registry: Registry, { name, type, help, labels = [] }: Metric): Set {
  const settings = {
    name: metricPrefix + name,
    help,
    registers: [registry],
    labelNames: [...labels],
  };
  if (type === 'gauge') {
    const gauge = new Gauge(settings);
    return Object.assign(
      (values: Record<string, string>, value: number) => gauge.set(values, value),
      {
        reset: () => gauge.reset(),
      },
    );
  }
  const counter = new Counter(settings);
  const reset = (): void => counter.reset();
  const set = (values: Record<string, string>, value: number): void => {
    counter.reset();
    counter.inc(values, value);
  };
  return Object.assign(set, { reset });
}
