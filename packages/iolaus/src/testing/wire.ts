import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A way to a Unix socket that can be cut, and that can change what is said on it. */
export interface Wire extends AsyncDisposable {
  readonly endpoint: string;
  cut(): void;
  /** Of those who are connected now nothing more gets through this way, and nobody is told. */
  block(direction: Direction): void;
  /** Of those who connect from now on: words that stand for others of the same length, on the way there and back. */
  translate(there: Words, back: Words): void;
  /** Which of them were said. */
  readonly said: { readonly there: ReadonlySet<string>; readonly back: ReadonlySet<string> };
}

export type Direction = 'there' | 'back';

type Words = readonly (readonly [from: string, to: string])[];

/** @param name behind the target's, where a target has several */
export async function openWire(target: string, name = 'wire'): Promise<Wire> {
  const sockets = new Set<Socket>();
  const streams = { there: new Set<Transform>(), back: new Set<Transform>() };
  const words: { there: Words; back: Words } = { there: [], back: [] };
  const said = { there: new Set<string>(), back: new Set<string>() };
  const server = createServer((near) => {
    const far = connect(target);
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => {}));
      socket.once('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    const there = replacing(words.there, (word) => said.there.add(word));
    const back = replacing(words.back, (word) => said.back.add(word));
    near.pipe(there).pipe(far).pipe(back).pipe(near);
    streams.there.add(there);
    streams.back.add(back);
  });
  const path = `${target}.${name}`;
  server.listen(path);
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    endpoint: `unix://${path}`,
    cut,
    block: (direction) => {
      for (const stream of streams[direction]) stream.unpipe();
      streams[direction].clear();
    },
    said,
    translate: (there, back) => void Object.assign(words, { there, back }),
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
    },
  };
}

/** A word that comes in two pieces stays as it is; those of a message that is written at once do not. */
function replacing(words: Words, note: (from: string) => void): Transform {
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      const replaced = words.reduce((text, [from, to]) => {
        if (text.includes(from)) note(from);
        return text.replaceAll(from, to);
      }, bytes.toString('latin1'));
      done(null, Buffer.from(replaced, 'latin1'));
    },
  });
}
