import { account, may } from '../account/account.ts';
import { ActionButtons } from '../account/action-buttons.tsx';
import type { Action } from '../account/action-buttons.tsx';
import { EmergencyButton } from '../account/emergency-button.tsx';
import type { BuildDetail } from '../api/v2.ts';
import { apiRoot } from '../api/v2.ts';
import { hasEnded } from '../status/words.ts';

/** What somebody who may can do with a build. */
export function BuildActions({ build, onDone }: { build: BuildDetail; onDone: () => void }) {
  return (
    <span class="controls">
      <ActionButtons actions={actionsOf(build)} onDone={onDone} />
      {hasEnded(build.status) ? null : <EmergencyButton subject="build" id={build.id} />}
    </span>
  );
}

function actionsOf({ id, project, status }: BuildDetail): Action[] {
  const address = `${apiRoot}/builds/${id}`;
  const allowed = (right: string, action: Action): Action[] =>
    may(account.value, right, project) ? [action] : [];
  if (hasEnded(status)) {
    return allowed('restart-jobs', { name: 'Restart', path: `${address}/restart` });
  }
  return [
    ...allowed('bump-to-front', { name: 'Bump', path: `${address}/bump` }),
    ...allowed('cancel-build', { name: 'Cancel', path: `${address}/cancel` }),
  ];
}
