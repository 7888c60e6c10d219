import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { takeFirstAnswer } from '../api/first-answer.ts';
import { RequestFailure } from '../api/request.ts';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { SignIns } from '../api/v2.ts';
import { signIn } from './account.ts';

/** The ways in: who else knows one, and a password. */
export function SignIn() {
  const [failure, setFailure] = useState(
    () => takeFirstAnswer<{ message: string }>('/sign-in-failure')?.message,
  );
  const { data } = useResource<SignIns>(`${apiRoot}/sign-ins`, { isAffected: () => false });
  return (
    <section class="sheet">
      <h1>Sign in</h1>
      <p class="muted">Reading takes no account. Who looks after the farm signs in.</p>
      <p class="bad" role="alert">
        {failure}
      </p>
      {data?.providers.map((provider) => (
        <ProviderLink key={provider.name} {...provider} />
      ))}
      <PasswordForm onFailure={setFailure} />
    </section>
  );
}

function ProviderLink({ displayName, address }: SignIns['providers'][number]) {
  const { query } = useLocation();
  const after = encodeURIComponent(query['after'] ?? '/account');
  return (
    <a class="button" href={`${address}?after=${after}`}>
      Sign in with {displayName}
    </a>
  );
}

function PasswordForm({ onFailure }: { onFailure: (sentence: string) => void }) {
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    setBusy(true);
    try {
      await signIn(textOf(fields, 'username'), textOf(fields, 'password'));
      if (history.length > 1) history.back();
    } catch (error) {
      onFailure(error instanceof RequestFailure ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <label>
        User name
        <input name="username" autocomplete="username" required spellcheck={false} />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <button type="submit" class="strong" disabled={busy}>
        Sign in
      </button>
    </form>
  );
}

function textOf(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}
