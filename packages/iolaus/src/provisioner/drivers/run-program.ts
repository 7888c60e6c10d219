import { spawn } from 'node:child_process';
import { DriverError } from './driver.ts';
import type { DriverFailure } from '../plan/observation.ts';

// A list of ten thousand machines; what is longer is no answer.
const answerBytesMax = 16 * 2 ** 20;
// The end of what a program complains of is what a person reads.
const complaintCharactersMax = 500;

/** What statuses mean (BSD's sysexits where they fit). */
const failures: ReadonlyMap<number, DriverFailure> = new Map([
  [69, 'capacity'],
  [73, 'quota'],
  [75, 'transient'],
  [77, 'credentials'],
  [78, 'configuration'],
]);

/**
 * Runs a program with a text for its standard input, and returns what it prints. Throws `DriverError`, `unknown` where
 * it did not end in time and was killed.
 */
export async function runProgram(
  [program = '', ...parameters]: readonly string[],
  options: {
    readonly input: string;
    readonly timeout: number;
    readonly environment: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const child = spawn(program, parameters, {
    env: { ...process.env, ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    // With its children, since it is killed with them.
    detached: true,
  });
  const kill = (): void => {
    if (child.exitCode === null) killGroup(child.pid);
  };
  let isLate = false;
  const impatience = setTimeout(() => {
    isLate = true;
    kill();
  }, options.timeout);
  let [answer, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
    if (answer.length > answerBytesMax) kill();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-complaintCharactersMax);
  });
  // One that does not read what it is told may know it already.
  child.stdin.on('error', () => {}).end(options.input);
  try {
    const status = await ending(child);
    if (status === 0) return answer;
    const seconds = Math.round(options.timeout / 1_000);
    if (isLate) throw new DriverError('unknown', `${program} did not end within ${seconds} s`);
    const said = complaint.trim() === '' ? '' : `: ${complaint.trim()}`;
    throw new DriverError(
      failures.get(status ?? 1) ?? 'transient',
      `${program} ended with ${status ?? 'a signal'}${said}`,
    );
  } finally {
    clearTimeout(impatience);
  }
}

/** All of them may have ended in this moment. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function ending(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('close', resolve).once('error', (cause) => {
      reject(new DriverError('configuration', 'the program cannot be started', { cause }));
    });
  });
}
