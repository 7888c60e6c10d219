import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { MachinePool, Provisioner, ProvisionerList } from '../api/v2.ts';
import { TableHead } from '../parts/table-head.tsx';
import { Moment } from '../time/elapsed.tsx';

/** The pools of machines that come and go, with why. Nothing where there are none. */
export function PoolList() {
  const { data } = useResource<ProvisionerList>(`${apiRoot}/provisioners`, {
    isAffected: () => true,
    isMoving: ({ items }) => items.length > 0,
  });
  const pools = data?.items.flatMap((one) => one.pools.map((pool) => ({ one, pool }))) ?? [];
  const remarks = data?.items.flatMap((one) => one.remarks) ?? [];
  if (pools.length === 0) return null;
  return (
    <section class="pools">
      <h2>Pools of machines</h2>
      <table class="rows">
        <caption class="unseen">Pools of machines that come and go</caption>
        <TableHead
          columns={['Pool', 'Wanted', 'There', 'Booting', 'Draining', 'Cost so far', 'Why']}
        />
        <tbody>
          {pools.map(({ one, pool }) => (
            <PoolRow key={`${one.owner}/${pool.pool}`} provisioner={one} pool={pool} />
          ))}
        </tbody>
      </table>
      {remarks.map((remark) => (
        <p key={remark}>{remark}</p>
      ))}
      <Decisions provisioners={data?.items ?? []} />
    </section>
  );
}

function PoolRow({ provisioner, pool }: { provisioner: Provisioner; pool: MachinePool }) {
  const { currency } = provisioner;
  return (
    <tr>
      <th scope="row">{pool.pool}</th>
      <td>{pool.wanted}</td>
      <td>{pool.existing}</td>
      <td>{pool.booting}</td>
      <td>{pool.draining}</td>
      <td title={`${pool.costPerHour.toFixed(2)} ${currency} an hour now`}>
        {pool.spent.toFixed(2)} {currency}
      </td>
      <td class="why">{pool.sentence}</td>
    </tr>
  );
}

/** What was begun lately, and why. */
function Decisions({ provisioners }: { provisioners: readonly Provisioner[] }) {
  const decisions = provisioners.flatMap((one) => one.decisions);
  if (decisions.length === 0) return null;
  return (
    <details>
      <summary>What was decided last</summary>
      <ul>
        {decisions.map(({ at, type, machine, because }) => (
          <li key={`${at} ${type} ${machine}`}>
            <Moment at={at} /> {type} <code>{machine}</code>: {because}
          </li>
        ))}
      </ul>
    </details>
  );
}
