import type { Signal } from '@preact/signals';

// Lines that come into sight may turn out higher than they were taken for, which is seen a frame later.
const settlingFrames = 4;

/**
 * Keeps the end of a box in sight while `following`, after each call of the returned function; who scrolls back stops it, who
 * scrolls to the end starts it again.
 */
export function followEnd(
  box: HTMLElement,
  following: Signal<boolean>,
  isEndShown: () => boolean,
  signal: AbortSignal,
): () => void {
  let lastTop = 0;
  let frame = 0;
  let framesLeft = 0;
  const isAtEnd = () => isEndShown() && box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
  const toEnd = () => {
    frame = 0;
    if (!following.value) return;
    box.scrollTop = box.scrollHeight;
    framesLeft -= 1;
    if (framesLeft > 0) frame = requestAnimationFrame(toEnd);
  };
  box.addEventListener(
    'scroll',
    () => {
      if (isAtEnd()) following.value = true;
      else if (box.scrollTop < lastTop) following.value = false;
      lastTop = box.scrollTop;
    },
    { signal },
  );
  signal.addEventListener('abort', () => cancelAnimationFrame(frame));
  return () => {
    framesLeft = settlingFrames;
    if (frame === 0) frame = requestAnimationFrame(toEnd);
  };
}
