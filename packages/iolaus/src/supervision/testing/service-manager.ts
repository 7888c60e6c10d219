import { chmodSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In systemd's place: a `systemd-notify` that writes down what it is to say. */
export interface ServiceManager extends Disposable {
  /** For a program that it starts. */
  readonly environment: NodeJS.ProcessEnv;
  /** What it was told, a message a line. */
  heard(): string[];
  /** Resolves when that matches, all lines together. */
  told(pattern: RegExp): Promise<void>;
}

export function openServiceManager(): ServiceManager {
  const folder = mkdtempSync(join(tmpdir(), 'notify-'));
  const said = join(folder, 'said');
  writeFileSync(said, '');
  const program = join(folder, 'systemd-notify');
  writeFileSync(program, `#!/bin/sh\n[ "$NOTIFY_SOCKET" = /run/n ] && echo "$*" >> ${said}\n`);
  chmodSync(program, 0o755);
  const read = (): string => readFileSync(said, 'utf8').trim();
  return {
    environment: { NOTIFY_SOCKET: '/run/n', PATH: `${folder}:${process.env['PATH']}` },
    heard: () => read().split('\n'),
    async told(pattern) {
      const heard = Promise.withResolvers<void>();
      const look = (): void => {
        if (pattern.test(read())) heard.resolve();
      };
      using watching = new DisposableStack();
      watching.adopt(watch(folder, look), (watcher) => watcher.close());
      look();
      await heard.promise;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
