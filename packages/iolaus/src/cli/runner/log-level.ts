import type { LogLevel } from '../../logging/logger.ts';

const levels: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
};

/**
 * How much a program of ours logs: `IOLAUS_LOG`, or the general level of Hydra's `RUST_LOG` (`info,sqlx=warn`), whose rules
 * for single modules mean nothing here.
 */
export function logLevel(environment: NodeJS.ProcessEnv): LogLevel {
  const wanted = environment['IOLAUS_LOG'] || environment['RUST_LOG'] || 'info';
  const general = wanted.split(',').findLast((rule) => !rule.includes('=')) ?? 'info';
  return levels[general.trim().toLowerCase()] ?? 'info';
}
