import { account, may } from '../account/account.ts';
import { ActionButtons } from '../account/action-buttons.tsx';
import type { Action } from '../account/action-buttons.tsx';
import { EmergencyButton } from '../account/emergency-button.tsx';
import { apiRoot } from '../api/v2.ts';
import type { Evaluation } from '../api/v2.ts';

/** What somebody who may can do with all builds of an evaluation. */
export function EvaluationActions({
  evaluation,
  onDone,
}: {
  evaluation: Evaluation;
  onDone: () => void;
}) {
  const actions = [...actionsOnFailed(evaluation), ...actionsOnUnfinished(evaluation)];
  return (
    <span class="controls">
      <ActionButtons actions={actions} onDone={onDone} />
      {evaluation.unfinished === 0 ? null : (
        <EmergencyButton subject="evaluation" id={evaluation.id} />
      )}
    </span>
  );
}

function actionsOnFailed({ id, project, failed }: Evaluation): Action[] {
  if (failed === 0 || !may(account.value, 'restart-jobs', project)) return [];
  const restart = { path: `${apiRoot}/evaluations/${id}/restart` };
  return [
    { ...restart, name: 'Restart failed', body: { which: 'failed' } },
    { ...restart, name: 'Restart aborted', body: { which: 'aborted' } },
  ];
}

function actionsOnUnfinished({ id, project, unfinished }: Evaluation): Action[] {
  if (unfinished === 0) return [];
  const address = `${apiRoot}/evaluations/${id}`;
  const allowed = (right: string, action: Action): Action[] =>
    may(account.value, right, project) ? [action] : [];
  return [
    ...allowed('bump-to-front', { name: 'Bump', path: `${address}/bump` }),
    ...allowed('cancel-build', {
      name: 'Cancel',
      path: `${address}/cancel`,
      question: `Cancel all unfinished builds of evaluation ${id}?`,
    }),
  ];
}
