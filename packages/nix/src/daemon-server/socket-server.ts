import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Serves each client of a Unix socket; `serve` may reject, upon which that client is hung up on. */
export type ServeSocket = (socket: Socket) => Promise<void>;

/** Listens on a Unix socket, and hangs up on everybody when it is disposed. */
export class SocketServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, serve: ServeSocket) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      // Whoever reads the socket hears of it, too.
      socket.on('error', () => socket.destroy());
      serve(socket).catch(() => socket.destroy());
    });
  }

  /** @throws if nobody can listen there, such as where somebody does */
  static async listen(socketPath: string, serve: ServeSocket): Promise<SocketServer> {
    const server = createServer();
    const listening = new SocketServer(server, serve);
    await once(server.listen(socketPath), 'listening');
    return listening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
