import { account, may } from '../account/account.ts';
import { ActionButtons } from '../account/action-buttons.tsx';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { Upload, UploadPage } from '../api/v2.ts';

const uploads = `${apiRoot}/uploads`;
const columns = ['Of', 'To', 'Tries', 'Why'];

/** What could not be published, for who may have it tried again; nothing where all could. */
export function GivenUp() {
  return may(account.value, 'operate') ? <GivenUpUploads /> : null;
}

function GivenUpUploads() {
  const { data, again } = useResource<UploadPage>(`${uploads}?givenUp=true`, {
    isAffected: () => true,
    isMoving: () => true,
  });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section class="given-up">
      <div class="section-head">
        <h2>Not published</h2>
        <span class="controls">
          <ActionButtons
            actions={[{ name: 'Try all again', path: `${uploads}/retry` }]}
            onDone={again}
          />
        </span>
      </div>
      <table class="rows">
        <caption class="unseen">Uploads that were given up, the oldest first</caption>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {data.items.map((upload) => (
            <GivenUpRow key={upload.id} upload={upload} onTried={again} />
          ))}
        </tbody>
      </table>
      {data.next === null ? null : <p class="muted">There are more of them.</p>}
    </section>
  );
}

function GivenUpRow({ upload, onTried }: { upload: Upload; onTried: () => void }) {
  const { id, derivation, outputs, store, tries, error } = upload;
  return (
    <tr>
      <th scope="row" title={[derivation, ...outputs].join('\n')}>
        {nameOf(derivation)}
        {outputs.length === 0 ? ' (its log)' : null}
      </th>
      <td>{store}</td>
      <td>{tries}</td>
      <td class="why">{error}</td>
      <td>
        <ActionButtons
          actions={[{ name: 'Try again', path: `${uploads}/${id}/retry` }]}
          onDone={onTried}
        />
      </td>
    </tr>
  );
}

/** Without hash and suffix. */
const nameOf = (derivation: string): string => derivation.slice(33).replace(/\.drv$/, '');
