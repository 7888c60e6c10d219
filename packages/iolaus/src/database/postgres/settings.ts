type Settings = Readonly<Record<string, string>>;

/** What suits a farm: few connections, small memory, commits that are on disk when they are answered. */
const settings: Settings = {
  listen_addresses: '',
  port: '5432',
  max_connections: '60',
  shared_buffers: '32MB',
  // No disk of today has heads to move: indexes pay from some ten rows on, also in tables that nobody has counted yet.
  random_page_cost: '1.1',
  // Three processes less; what is read from disk is little.
  io_method: 'sync',
  // A checkpoint every half hour instead of every five minutes: most pages of a farm are written again and again.
  checkpoint_timeout: '30min',
  max_wal_size: '512MB',
  min_wal_size: '32MB',
  jit: 'off',
  autovacuum_max_workers: '1',
  max_parallel_workers_per_gather: '0',
  // Nobody replicates from us, and the launcher would only wait for it.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  // Who sent a statement knows its text; nobody cleans up the log.
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
};

const forgetful: Settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

export function serverParameters(
  place: { readonly cluster: string; readonly socketDirectory: string },
  durable: boolean,
): string[] {
  const chosen = {
    ...settings,
    ...(durable ? {} : forgetful),
    unix_socket_directories: place.socketDirectory,
  };
  const settingParameters = Object.entries(chosen).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  return ['-D', place.cluster, ...settingParameters];
}
