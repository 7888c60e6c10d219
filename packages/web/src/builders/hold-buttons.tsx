import { useState } from 'preact/hooks';
import { account, may } from '../account/account.ts';
import { RequestFailure, send } from '../api/request.ts';
import { apiRoot } from '../api/v2.ts';
import type { Builder } from '../api/v2.ts';

type Hold = 'paused' | 'draining' | null;

/** Pauses a machine, drains it or lets it go on, for who may. */
export function HoldButtons({ builder, onChanged }: { builder: Builder; onChanged: () => void }) {
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  if (!may(account.value, 'operate')) {
    return account.value === null ? (
      <a class="controls" href="/account">
        Sign in to pause or drain it
      </a>
    ) : null;
  }
  const hold = async (wanted: Hold): Promise<void> => {
    setBusy(true);
    try {
      await send('POST', `${apiRoot}/builders/${encodeURIComponent(builder.name)}/hold`, {
        hold: wanted,
      });
      setFailure(undefined);
      onChanged();
    } catch (error) {
      setFailure(error instanceof RequestFailure ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  const button = (wanted: Hold, name: string) => (
    <button type="button" disabled={busy} onClick={() => void hold(wanted)}>
      {name}
    </button>
  );
  return (
    <span class="controls">
      {builder.hold === null ? null : button(null, 'Let it go on')}
      {builder.hold === 'paused' ? null : button('paused', 'Pause')}
      {builder.hold === 'draining' ? null : button('draining', 'Drain')}
      <span class="bad" role="alert">
        {failure}
      </span>
    </span>
  );
}
