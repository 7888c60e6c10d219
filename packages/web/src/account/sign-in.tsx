import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { takeFirstAnswer } from '../api/first-answer.ts';
import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { SignIns } from '../api/v2.ts';
import { useDeed } from '../parts/deed.ts';
import { Form } from '../parts/form.tsx';
import { signIn } from './account.ts';

/** The ways in: who else knows one, and a password. */
export function SignIn() {
  const [former] = useState(
    () => takeFirstAnswer<{ message: string }>('/sign-in-failure')?.message,
  );
  const password = useDeed();
  const { data } = useResource<SignIns>(`${apiRoot}/sign-ins`, { isAffected: () => false });
  return (
    <section class="sheet">
      <h1>Sign in</h1>
      <p class="muted">Reading takes no account. Who looks after the farm signs in.</p>
      <p class="bad" role="alert">
        {password.failure ?? former}
      </p>
      {data?.providers.map((provider) => (
        <ProviderLink key={provider.name} {...provider} />
      ))}
      <PasswordForm {...password} />
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

function PasswordForm({ busy, run }: Pick<ReturnType<typeof useDeed>, 'busy' | 'run'>) {
  const submit = (fields: FormData): Promise<void> =>
    run(async () => {
      await signIn(textOf(fields, 'username'), textOf(fields, 'password'));
      if (history.length > 1) history.back();
    });
  return (
    <Form class="fields" onFields={submit}>
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
    </Form>
  );
}

function textOf(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' ? value : '';
}
