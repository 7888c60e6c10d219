import { useState } from 'preact/hooks';
import { account, may } from '../account/account.ts';
import { RequestFailure, send } from '../api/request.ts';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Jobset } from '../api/v2.ts';
import { Fact } from '../parts/fact.tsx';

/** What a jobset is due of the machines beside the others; who may, changes it. */
export function Shares({ project, jobset }: { project: string; jobset: string }) {
  const path = `${apiRoot}/projects/${encodeURIComponent(project)}/jobsets/${encodeURIComponent(jobset)}`;
  const { data, again } = useResource<Jobset>(path, { isAffected: () => true });
  const shares = data?.schedulingShares;
  return (
    <Fact name="Shares of its jobset">
      {shares !== undefined && may(account.value, 'operate') ? (
        <ShareForm {...{ path, shares }} onDone={again} />
      ) : (
        (shares ?? '…')
      )}
    </Fact>
  );
}

function ShareForm({ path, shares, onDone }: { path: string; shares: number; onDone: () => void }) {
  const [failure, setFailure] = useState<string>();
  const save = async (form: HTMLFormElement): Promise<void> => {
    const schedulingShares = Number(new FormData(form).get('shares'));
    try {
      await send('PATCH', path, { schedulingShares });
      setFailure(undefined);
      onDone();
    } catch (error) {
      setFailure(error instanceof RequestFailure ? error.message : String(error));
    }
  };
  return (
    <form
      class="shares"
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
    >
      <input
        {...{ name: 'shares', type: 'number', min: 1, max: 1_000_000, required: true }}
        aria-label="Shares"
        defaultValue={String(shares)}
      />
      <button type="submit">Set</button>
      <span class="bad" role="alert">
        {failure}
      </span>
    </form>
  );
}
