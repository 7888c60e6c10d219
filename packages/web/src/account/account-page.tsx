import { useTitle } from '../parts/title.ts';
import { account, signOut } from './account.ts';
import { SignIn } from './sign-in.tsx';

/** Who one is, or the way in. */
export function AccountPage() {
  const who = account.value;
  useTitle(who?.fullName ?? who?.username ?? 'Sign in');
  if (who === null) return <SignIn />;
  return (
    <section class="sheet">
      <h1>{who.fullName ?? who.username}</h1>
      {who.fullName !== null && <p class="muted">{who.username}</p>}
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
