import { openDatabase } from '../../packages/iolaus/src/database/connection/connection.ts';
import { createLogger } from '../../packages/iolaus/src/logging/logger.ts';
import { startServer } from '../../packages/iolaus/src/server/server.ts';

// A server of its own process, as it is measured: `server-program.ts DATABASE-URL LOG-FOLDER`. It tells its address by IPC.
const [databaseUrl = '', logDirectory = ''] = process.argv.slice(2);
const database = await openDatabase({
  url: databaseUrl,
  maxConnections: 10,
  applicationName: 'bench-server',
  plansForValues: true,
});
const { url } = await startServer({
  database,
  logDirectory,
  storeDirectory: '/nix/store',
  host: '127.0.0.1',
  port: 0,
  logger: createLogger({ program: 'server', level: 'error' }),
});
process.send?.(url);
process.on('disconnect', () => process.exit());
