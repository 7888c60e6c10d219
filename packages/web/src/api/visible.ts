/**
 * Runs `start` whenever the page becomes visible, and aborts its signal when it is hidden or when the returned function
 * is called. A browser allows six connections to a server: tabs in the background must not hold them.
 */
export function whileVisible(start: (hidden: AbortSignal) => void): () => void {
  let hidden = new AbortController();
  const follow = () => {
    hidden.abort();
    if (document.visibilityState === 'hidden') return;
    hidden = new AbortController();
    start(hidden.signal);
  };
  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    hidden.abort();
  };
}
