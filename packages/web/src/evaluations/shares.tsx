import { account, may } from '../account/account.ts';
import { send } from '../api/request.ts';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Jobset } from '../api/v2.ts';
import { useDeed } from '../parts/deed.ts';
import { Fact } from '../parts/fact.tsx';
import { Form } from '../parts/form.tsx';

/** What a jobset is due of the machines beside the others; who may, changes it. */
export function Shares({ project, jobset }: { project: string; jobset: string }) {
  const path = `${apiRoot}/projects/${encodeURIComponent(project)}/jobsets/${encodeURIComponent(jobset)}`;
  const { data, again } = useResource<Jobset>(path, { isAffected: () => true });
  const shares = data?.schedulingShares;
  return (
    <Fact name="Shares of its jobset">
      {shares !== undefined && may(account.value, 'operate') ? (
        <ShareForm path={path} shares={shares} onDone={again} />
      ) : (
        (shares ?? '…')
      )}
    </Fact>
  );
}

function ShareForm({ path, shares, onDone }: { path: string; shares: number; onDone: () => void }) {
  const { failure, run } = useDeed();
  const save = (fields: FormData): Promise<void> =>
    run(async () => {
      await send('PATCH', path, { schedulingShares: Number(fields.get('shares')) });
      onDone();
    });
  return (
    <Form class="shares" onFields={save}>
      <input
        name="shares"
        type="number"
        min={1}
        max={1_000_000}
        required
        aria-label="Shares"
        defaultValue={String(shares)}
      />
      <button type="submit">Set</button>
      <span class="bad" role="alert">
        {failure}
      </span>
    </Form>
  );
}
