export type { AnswerTo, Exchange, Handler, Handlers } from './handlers.ts';
export { serveClient } from './serve-client.ts';
export type { ServeOptions } from './serve-client.ts';
export { serveDaemon } from './serve-daemon.ts';
export type { Introduction } from './shake-hands.ts';
export { printTrace } from './trace.ts';
export type { Trace } from './trace.ts';
export { trace, traceDaemon } from './tracing-proxy.ts';
export type { TracingProxyOptions } from './tracing-proxy.ts';
