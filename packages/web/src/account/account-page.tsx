import { useState } from 'preact/hooks';
import { RequestFailure } from '../api/request.ts';
import { useTitle } from '../parts/title.ts';
import { account, signIn, signOut } from './account.ts';

/** Who one is, or the way in. */
export function AccountPage() {
  useTitle(account.value?.username ?? 'Sign in');
  const who = account.value;
  if (who === null) return <SignInForm />;
  return (
    <section class="sheet">
      <h1>{who.username}</h1>
      <p class="muted">
        {who.roles.length === 0
          ? 'You have no roles of your own.'
          : `You may: ${who.roles.join(', ')}.`}
      </p>
      <button type="button" onClick={() => void signOut()}>
        Sign out
      </button>
    </section>
  );
}

function SignInForm() {
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (form: HTMLFormElement): Promise<void> => {
    const fields = new FormData(form);
    setBusy(true);
    try {
      await signIn(textOf(fields, 'username'), textOf(fields, 'password'));
      if (history.length > 1) history.back();
    } catch (error) {
      setFailure(error instanceof RequestFailure ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="sheet"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(event.currentTarget);
      }}
    >
      <h1>Sign in</h1>
      <p class="muted">Reading takes no account. Who looks after the farm signs in.</p>
      <label>
        User name
        <input name="username" autocomplete="username" required spellcheck={false} />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
      <p class="bad" role="alert">
        {failure}
      </p>
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
