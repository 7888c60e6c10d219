import { account, may } from '../account/account.ts';
import { ActionButtons } from '../account/action-buttons.tsx';
import type { Action } from '../account/action-buttons.tsx';
import { apiRoot } from '../api/v2.ts';
import type { Builder } from '../api/v2.ts';

/** Pauses a machine, drains it, lets it go on, or ends its quarantine, for who may. */
export function HoldButtons({ builder, onChanged }: { builder: Builder; onChanged: () => void }) {
  if (account.value === null) {
    return (
      <a class="controls" href="/account">
        Sign in to pause or drain it
      </a>
    );
  }
  if (!may(account.value, 'operate')) return null;
  return (
    <span class="controls">
      <ActionButtons actions={actionsOf(builder)} onDone={onChanged} />
    </span>
  );
}

function actionsOf(builder: Builder): Action[] {
  const address = `${apiRoot}/builders/${encodeURIComponent(builder.name)}`;
  const hold = (wanted: Builder['hold'], name: string): Action[] =>
    builder.hold === wanted ? [] : [{ name, path: `${address}/hold`, body: { hold: wanted } }];
  const isQuarantined = builder.pausedUntil !== null || builder.onTrial;
  return [
    ...(isQuarantined ? [{ name: 'Release', path: `${address}/release` }] : []),
    ...hold(null, 'Let it go on'),
    ...hold('paused', 'Pause'),
    ...hold('draining', 'Drain'),
  ];
}
