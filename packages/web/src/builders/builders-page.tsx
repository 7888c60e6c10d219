import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Builder, BuilderList } from '../api/v2.ts';
import { formatCount } from '../parts/count.ts';
import { FailureNotice, Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { TableHead } from '../parts/table-head.tsx';
import { StatusMark } from '../status/status-mark.tsx';
import { now } from '../time/clock.ts';
import { Gauge } from './gauge.tsx';
import { PoolList } from './pool-list.tsx';
import { measuresOf } from './measures.ts';
import { tellStanding } from './standing.ts';

const columns = [
  'Builder',
  'State',
  'Slots',
  'Load',
  'Pressure',
  'Memory',
  'Disk',
  ...['Done', 'Failed'].map((number) => ({ number })),
];

/** The machines of the farm and how each of them is. */
export function BuildersPage() {
  const { data, failure } = useResource<BuilderList>(`${apiRoot}/builders`, {
    isAffected: () => true,
    isMoving: () => true,
  });
  useTitle('Builders');
  return (
    <>
      <h1 class="unseen">Builders</h1>
      <FailureNotice failure={failure} />
      {data?.items.length === 0 ? (
        <Notice title="No machine has joined the farm: nothing can be built.">
          Start one with <code>iolaus builder</code>; it appears here by itself.
        </Notice>
      ) : null}
      {data === undefined || data.items.length === 0 ? null : <BuilderTable list={data} />}
      {data === undefined ? null : <PoolList />}
    </>
  );
}

function BuilderTable({ list }: { list: BuilderList }) {
  return (
    <table class="rows builders">
      <caption class="unseen">Builders, by name</caption>
      <TableHead columns={columns} />
      <tbody>
        {list.items.map((builder) => (
          <BuilderRow key={builder.name} builder={builder} />
        ))}
      </tbody>
    </table>
  );
}

function BuilderRow({ builder }: { builder: Builder }) {
  const { name, systems, slots, running, stepsDone, failed } = builder;
  const measures = measuresOf(builder);
  const [load, ...others] = measures;
  return (
    <tr>
      <th scope="row" class="name">
        <a data-row href={`/builders/${encodeURIComponent(name)}`}>
          {name}
        </a>
        <span class="muted systems">{systems.join(', ')}</span>
      </th>
      <td class="state">
        <StatusMark {...tellStanding(builder, now.value)} />
      </td>
      <td class="slots">
        <Gauge
          name="Slots"
          percent={(100 * running) / Math.max(slots, 1)}
          told={`${running} of ${slots}`}
          warnFrom={Infinity}
        />
      </td>
      {load === undefined ? (
        <td colSpan={4} class="muted">
          Nothing is known while it is away.
        </td>
      ) : (
        [load, ...others].map((measure) => (
          <td key={measure.name} class={`measure ${measure.name.toLowerCase()}`}>
            <Gauge {...measure} />
          </td>
        ))
      )}
      <td class="number done">{formatCount(stepsDone)}</td>
      <td class={failed > 0 ? 'number failed' : 'number failed muted'}>{formatCount(failed)}</td>
    </tr>
  );
}
