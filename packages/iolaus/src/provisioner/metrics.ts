import type { Provisioner } from './provisioner.ts';
import type { PoolReport } from './plan/wish.ts';

type Figure = {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly of: (report: PoolReport) => number;
};

const figures: readonly Figure[] = [
  figure('wanted', 'Machines that should be there', ({ wanted }) => wanted),
  figure('existing', 'Machines that are there or asked for', ({ existing }) => existing),
  figure('booting', 'Of them, those whose builder has not joined', ({ booting }) => booting),
  figure('ready', 'Of them, those that build', ({ ready }) => ready),
  figure('draining', 'Of them, those that will go', ({ draining }) => draining),
  figure('demand_runnable', 'Steps that could start', ({ runnable }) => runnable),
  figure('demand_seconds', 'How long they take on one slot of speed 1', ({ seconds }) => seconds),
  figure('oldest_wait_seconds', 'How long one has waited', ({ waited }) => waited / 1_000),
  figure('cost_per_hour', 'What the machines cost', ({ costPerHour }) => costPerHour),
  { ...figure('cost_total', 'What they have cost', ({ spent }) => spent), type: 'counter' },
];

function figure(name: string, help: string, of: Figure['of']): Figure {
  return { name: `iolaus_provisioner_${name}`, help, type: 'gauge', of };
}

const leader = 'iolaus_provisioner_leader';

/** The page for Prometheus. */
export function renderMetrics({ latest, turn }: Pick<Provisioner, 'latest' | 'turn'>): string {
  const leads = turn.type === 'leads' ? 1 : 0;
  const lead = `# HELP ${leader} It acts; 0: it stands by\n# TYPE ${leader} gauge\n${leader} ${leads}\n`;
  const ofPools = figures
    .map(({ name, help, type, of }) => {
      const lines = (latest?.pools ?? []).map(
        (report) => `${name}{pool="${report.pool}"} ${of(report)}\n`,
      );
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
  return lead + ofPools;
}
