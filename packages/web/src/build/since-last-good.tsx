import type { ComponentChildren } from 'preact';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { BuildDetail, BuildDifference, FirstBad } from '../api/v2.ts';
import { Fact } from '../parts/fact.tsx';
import { formatSize } from '../parts/size.ts';
import { derivationName } from '../parts/store-path.ts';
import { hasEnded } from '../status/words.ts';
import { LogsBeside } from './logs-beside.tsx';

/** How an ended build differs from the last good one of its job, and since when the job fails. */
export function SinceLastGood({ build }: { build: BuildDetail }) {
  return hasEnded(build.status) ? <Turns build={build} /> : null;
}

const never = { isAffected: () => false };

function Turns({ build }: { build: BuildDetail }) {
  const { data } = useResource<FirstBad>(`${apiRoot}/builds/${build.id}/first-bad`, never);
  if (data === undefined || data.lastGood === null) return null;
  const { lastGood, firstBad } = data;
  return (
    <section class="since-last-good">
      <h2>Since the last good one</h2>
      <p>
        The job last succeeded in <BuildLink id={lastGood.id} />
        {firstBad === null || build.status === 'succeeded' ? null : (
          <>
            ; it fails since{' '}
            {firstBad.id === build.id ? 'this build' : <BuildLink id={firstBad.id} />}
          </>
        )}
        .
      </p>
      <Difference id={build.id} />
      <LogsBeside build={build} good={lastGood.id} />
    </section>
  );
}

function BuildLink({ id }: { id: number }) {
  return <a href={`/builds/${id}`}>build {id}</a>;
}

function Difference({ id }: { id: number }) {
  const { data } = useResource<BuildDifference>(`${apiRoot}/builds/${id}/difference`, never);
  if (data === undefined) return null;
  const moved = data.outputs.filter(({ before, after }) => before !== after);
  return (
    <dl class="facts">
      <SizeFact name="Size" {...data.size} />
      <SizeFact name="With all it needs" {...data.closureSize} />
      <Fact name="Outputs">
        {moved.length === 0 ? 'the same' : `other ${moved.map(({ name }) => name).join(', ')}`}
      </Fact>
      {data.inputs === null ? null : <Inputs inputs={data.inputs} />}
    </dl>
  );
}

function SizeFact(props: { name: string; before: number | null; after: number | null }) {
  const { name, before, after } = props;
  if (before === null || after === null) return null;
  const grown = after - before;
  return (
    <Fact name={name}>
      {formatSize(after)}
      {grown === 0 ? null : (
        <span class="muted">
          {' '}
          {grown > 0 ? '+' : '−'}
          {formatSize(Math.abs(grown))}
        </span>
      )}
    </Fact>
  );
}

function Inputs({
  inputs: { added, removed, changed },
}: {
  inputs: NonNullable<BuildDifference['inputs']>;
}) {
  const total = added.length + removed.length + changed.length;
  if (total === 0) return <Fact name="Inputs">the same</Fact>;
  return (
    <Fact name="Inputs" wide>
      <ul class="differences">
        {changed.map(({ name, before, after }) => (
          <Line key={name} sign="changed" title={`${before} → ${after}`}>
            {name}
          </Line>
        ))}
        {added.map((name) => (
          <Line key={name} sign="added" title={name}>
            {derivationName(name)}
          </Line>
        ))}
        {removed.map((name) => (
          <Line key={name} sign="removed" title={name}>
            {derivationName(name)}
          </Line>
        ))}
      </ul>
    </Fact>
  );
}

function Line(props: {
  sign: 'added' | 'removed' | 'changed';
  title: string;
  children: ComponentChildren;
}) {
  return (
    <li class={props.sign} title={props.title}>
      <span class="muted">{props.sign}</span> {props.children}
    </li>
  );
}
