import pino from 'pino';
import { describeError } from '../fault/fault.ts';
import { formatLine } from './terminal-line.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a line is about, by name: `{ build: 12, hostname: 'ares' }`. An `Error` is told with its causes. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Takes what a program has to tell while it runs. Each method returns when the line is written. */
export type Logger = {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
};

/** Where lines go; standard error unless a test looks on. */
export type LogDestination = {
  readonly isTerminal: boolean;
  write(text: string): void;
};

export type LoggerOptions = {
  /** Part of every line, so that lines of several programs can be told apart in one file. */
  readonly program: string;
  /** Lines below it are dropped. */
  readonly level: LogLevel;
  readonly destination?: LogDestination;
};

/** A JSON object a line for machines; short coloured lines where a person looks on. */
export function createLogger(options: LoggerOptions): Logger {
  const { program, level, destination = standardError() } = options;
  const sink = destination.isTerminal
    ? { write: (line: string) => destination.write(formatLine(line)) }
    : destination;
  const log = pino(
    {
      level,
      base: { program },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: describeErrors },
    },
    sink,
  );
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}

/** Written at once: a line that tells why a program dies must not die with it. */
function standardError(): LogDestination {
  const sink = pino.destination({ fd: process.stderr.fd, sync: true });
  // Whoever read the log may be gone; there is nobody left to tell, and no reason to stop working.
  sink.on('error', () => {});
  return { isTerminal: process.stderr.isTTY, write: (text) => void sink.write(text) };
}

function describeErrors(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? describeError(value) : value,
    ]),
  );
}
