/** Waits for what may take its time: signals that mean to end this process do so, and others leave it alone. */
export async function whileWaiting<Result>(work: () => Promise<Result>): Promise<Result> {
  // Nothing has been begun that would have to be ended, or told of a new configuration.
  const leave = (): void => process.exit(0);
  const stay = (): void => {};
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, leave);
  process.on('SIGHUP', stay);
  try {
    return await work();
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, leave);
    process.off('SIGHUP', stay);
  }
}
