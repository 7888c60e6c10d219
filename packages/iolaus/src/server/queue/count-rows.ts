import type { QueueRow } from './queue-rows.ts';

export type QueueCounts = {
  waiting: number;
  runnable: number;
  running: number;
  ahead: number;
  backingOff: number;
  unsupported: number;
  expectedSeconds: number;
};

/** How many rows there are by each of their keys. */
export function countRows(
  rows: readonly QueueRow[],
  keysOf: (row: QueueRow) => readonly string[],
): Map<string, QueueCounts> {
  const groups = new Map<string, QueueCounts>();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      let counts = groups.get(key);
      if (counts === undefined) groups.set(key, (counts = { ...nothing }));
      counts[columnOf(row)] += 1;
      if (row.reason === 'capable-builder') counts.unsupported += 1;
      counts.expectedSeconds += row.seconds;
    }
  }
  return groups;
}

const nothing: QueueCounts = {
  waiting: 0,
  runnable: 0,
  running: 0,
  ahead: 0,
  backingOff: 0,
  unsupported: 0,
  expectedSeconds: 0,
};

type Column = Exclude<keyof QueueCounts, 'unsupported' | 'expectedSeconds'>;

function columnOf({ state, reason }: QueueRow): Column {
  if (state === 'leased') return reason === 'ahead' ? 'ahead' : 'running';
  if (state === 'backing-off') return 'backingOff';
  return state === 'runnable' ? 'runnable' : 'waiting';
}
