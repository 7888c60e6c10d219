import { send } from '../api/request.ts';
import { useDeed } from '../parts/deed.ts';

/** Something that somebody who may can have done. */
export type Action = {
  readonly name: string;
  readonly path: string;
  /** POST, if nothing is said. */
  readonly method?: 'POST' | 'DELETE' | 'PATCH';
  readonly body?: object;
  /** Asked before it is done, where it cannot be taken back. */
  readonly question?: string;
};

/** A button for each action, and why the last one was not done. */
export function ActionButtons({
  actions,
  onDone,
}: {
  actions: readonly Action[];
  onDone: () => void;
}) {
  const { busy, failure, run } = useDeed();
  const act = async ({ method = 'POST', path, body, question }: Action): Promise<void> => {
    if (question !== undefined && !confirm(question)) return;
    await run(async () => {
      await send(method, path, body);
      onDone();
    });
  };
  return (
    <>
      {actions.map((action) => (
        <button key={action.name} type="button" disabled={busy} onClick={() => void act(action)}>
          {action.name}
        </button>
      ))}
      <span class="bad" role="alert">
        {failure}
      </span>
    </>
  );
}
