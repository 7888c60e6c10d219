import type { Machine } from '../api/shapes.ts';

/** The machines of the farm and how much of each is in use. Nothing where nobody knows. */
export function MachineList({ machines }: { machines: readonly Machine[] | null | undefined }) {
  if (machines === null || machines === undefined) return null;
  if (machines.length === 0) {
    return (
      <p class="machines no-machines">No machine has joined the farm: nothing can be built.</p>
    );
  }
  return (
    <ul class="machines" aria-label="Machines">
      {machines.map(({ name, slots, running, systems }) => (
        <li key={name} title={systems.join(', ')}>
          {name}{' '}
          <span class="count">
            {running} of {slots}
          </span>
          <meter
            min={0}
            max={Math.max(slots, 1)}
            value={running}
            aria-label={`Slots in use on ${name}`}
          />
        </li>
      ))}
    </ul>
  );
}
