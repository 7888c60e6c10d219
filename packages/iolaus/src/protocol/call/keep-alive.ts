import type { Http2Session } from 'node:http2';

// Hydra's builder pings at this pace; proxies take a connection for idle after a minute at the earliest.
const pingIntervalMilliseconds = 20_000;
// Longer than any pause of a garbage collector or of a machine that writes back its pages.
const answerWithinMilliseconds = 20_000;

export type KeepAlivePace = {
  readonly intervalMilliseconds: number;
  readonly answerWithinMilliseconds: number;
};

const usualPace: KeepAlivePace = {
  intervalMilliseconds: pingIntervalMilliseconds,
  answerWithinMilliseconds,
};

/** Pings the peer as long as the session lives, and destroys the session when an answer stays away. */
export function keepAlive(session: Http2Session, pace: KeepAlivePace = usualPace): void {
  let answerMissing: NodeJS.Timeout | undefined;
  const giveUp = (): void => {
    session.destroy(new Error('the other side does not answer any more'));
  };
  const timer = setInterval(() => {
    if (answerMissing !== undefined || session.destroyed) return;
    answerMissing = setTimeout(giveUp, pace.answerWithinMilliseconds).unref();
    session.ping(() => {
      clearTimeout(answerMissing);
      answerMissing = undefined;
    });
  }, pace.intervalMilliseconds).unref();
  session.once('close', () => {
    clearInterval(timer);
    clearTimeout(answerMissing);
  });
}
