import { Counter, Gauge, collectDefaultMetrics } from 'prom-client';
import type { Registry } from 'prom-client';
import {
  machineMetrics,
  metricPrefix,
  storeMetrics,
  systemMetrics,
  totalMetrics,
  untouchedMetrics,
} from './metric-names.ts';
import type { Metric } from './metric-names.ts';
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
  const refused = new Counter({
    name: 'iolaus_refused_total',
    help: 'What builders may not do, and tried',
    labelNames: ['kind'],
    registers: [registry],
  });

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
  const totals = totalMetrics.map((metric) => ({ metric, set: register(registry, metric) }));
  for (const metric of untouchedMetrics) {
    register(registry, metric)({}, 0);
  }
  const systems = systemMetrics.map((metric) => ({ metric, set: register(registry, metric) }));
  const machines = machineMetrics.map((metric) => ({ metric, set: register(registry, metric) }));
  const stores = storeMetrics.map((metric) => ({ metric, set: register(registry, metric) }));
  const jobsetShare = register(registry, jobsetMetrics.share);
  const jobsetSeconds = register(registry, jobsetMetrics.seconds);

  const lookAtJobsets = async (): Promise<void> => {
    jobsetShare.reset();
    jobsetSeconds.reset();
    for (const { project, name, shares, usedSeconds } of await seeJobsets(sight)) {
      const labels = { jobset_name: `${project}:${name}` };
      jobsetShare(labels, usedSeconds / Math.max(shares, 1));
      jobsetSeconds(labels, usedSeconds);
    }
  };

  const render = async (): Promise<string> => {
    await lookAtJobsets();
    const figures = countEverything(sight);
    const uploadsPending = (await sight.publishing.waiting()).length;
    const now = sight.clock.now();
    const uptime = (now - sight.startedAt) / 1_000;
    for (const { metric, set } of totals)
      set({}, metric.figure({ ...figures, now, uptime, uploadsPending }));
    for (const { set } of [...systems, ...machines, ...stores]) set.reset();
    for (const [system, load] of seeSystems(sight)) {
      const waited = sight.ledger.waitMillisecondsOf(system);
      for (const { metric, set } of systems) {
        set({ machine_type: system }, metric.figure({ ...load, waited }));
      }
    }
    for (const [hostname, machine] of seeMachines(sight)) {
      for (const { metric, set } of machines) set({ hostname }, metric.figure(machine));
    }
    for (const [bucket, traffic] of sight.publishing.traffic()) {
      for (const { metric, set } of stores) set({ remote_store: bucket }, metric.figure(traffic));
    }
    refused.reset();
    for (const [kind, count] of refusals()) refused.inc({ kind }, count);
    return registry.metrics();
  };

  return { contentType: registry.contentType, render };
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

const jobsetMetrics = {
  share: {
    name: 'jobset_share_used',
    type: 'gauge',
    labels: ['jobset_name'],
    help: 'Seconds of build time in the last 24 hours for each of its shares',
  },
  seconds: {
    name: 'jobset_seconds',
    type: 'gauge',
    labels: ['jobset_name'],
    help: 'Seconds of build time in the last 24 hours',
  },
} as const satisfies Record<string, Metric>;
