import type { RunnerClient } from '../../protocol/client/runner-client.ts';
import type { FromRunner } from '../../protocol/tunnel-message.ts';
import type { BuilderTunnel } from '../../protocol/tunnel.ts';

/** A client whose runner seems to be Hydra's, which takes reports by calls only. */
export function asHydraRunner(client: RunnerClient): RunnerClient {
  return {
    checkVersion: (...parameters) => client.checkVersion(...parameters),
    openTunnel: (...parameters) => withoutDialect(client.openTunnel(...parameters)),
    sendLog: (...parameters) => client.sendLog(...parameters),
    sendPaths: (...parameters) => client.sendPaths(...parameters),
    updateStep: (...parameters) => client.updateStep(...parameters),
    completeBuild: (...parameters) => client.completeBuild(...parameters),
    fetchRequisites: (...parameters) => client.fetchRequisites(...parameters),
    hasPath: (...parameters) => client.hasPath(...parameters),
    fetchPaths: (...parameters) => client.fetchPaths(...parameters),
    requestUploads: (...parameters) => client.requestUploads(...parameters),
    requestParts: (...parameters) => client.requestParts(...parameters),
    finishUpload: (...parameters) => client.finishUpload(...parameters),
    close: () => client.close(),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function withoutDialect(tunnel: BuilderTunnel): BuilderTunnel {
  return {
    messages: forget(tunnel.messages),
    send: (message) => tunnel.send(message),
    signal: tunnel.signal,
    close: () => tunnel.close(),
  };
}

async function* forget(messages: AsyncIterable<FromRunner>): AsyncGenerator<FromRunner> {
  for await (const message of messages) {
    yield message.type === 'joined' ? { ...message, dialect: 0 } : message;
  }
}
