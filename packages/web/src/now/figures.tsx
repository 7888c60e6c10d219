import type { ComponentChildren } from 'preact';
import type { Attempt, Builder, SystemQueue } from '../api/v2.ts';
import { formatCount } from '../parts/count.ts';
import { hasFailed } from '../status/words.ts';
import { tellTimeLeft } from './queue-depth.tsx';

/** The farm in four numbers, each a way to where it comes from. */
export function Figures(props: {
  readonly systems: readonly SystemQueue[] | undefined;
  readonly builders: readonly Builder[] | undefined;
  readonly attempts: ReadonlyMap<string, Attempt> | undefined;
}) {
  const { systems, builders, attempts } = props;
  const ended = [...(attempts?.values() ?? [])].filter(({ stoppedAt }) => stoppedAt !== null);
  const failed = ended.filter(({ status }) => hasFailed(status)).length;
  return (
    <dl class="figures">
      <Figure name="Running" href="/queue?reason=builder">
        {builders && formatCount(sum(builders, 'running'))}
        <small> of {builders && formatCount(sum(builders, 'slots'))} slots</small>
      </Figure>
      <Figure name="Waiting" href="/queue">
        {systems && formatCount(systems.reduce((all, one) => all + depthOf(one), 0))}
        <small> steps</small>
      </Figure>
      <Figure name="Ended lately" href="/?status=failed">
        {attempts && formatCount(ended.length)}
        <small class={failed > 0 ? 'bad' : undefined}> {formatCount(failed)} failed</small>
      </Figure>
      <Figure name="All done in" href="/queue">
        {systems === undefined ? '…' : tellEnd(systems)}
      </Figure>
    </dl>
  );
}

function Figure(props: { name: string; href: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>
        <a href={props.href}>{props.children}</a>
      </dd>
    </div>
  );
}

const sum = (builders: readonly Builder[], field: 'running' | 'slots'): number =>
  builders.reduce((all, builder) => all + builder[field], 0);

const depthOf = ({ waiting, runnable, ahead, backingOff }: SystemQueue): number =>
  waiting + runnable + ahead + backingOff;

/** The last system decides; those that nobody builds would never end. */
function tellEnd(systems: readonly SystemQueue[]): string {
  const times = systems.map(({ secondsLeft }) => secondsLeft);
  if (times.length > 0 && times.every((time) => time === null)) return 'never';
  return times.length === 0 ? 'now' : tellTimeLeft(Math.max(...times.map((time) => time ?? 0)));
}
