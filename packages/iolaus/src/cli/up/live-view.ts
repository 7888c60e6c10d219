import { drawFinished, drawTree } from './draw-tree.ts';
import type { FarmPicture } from './farm-picture.ts';
import { paintFor } from '../terminal/paint.ts';

/** Shows a picture that changes: a tree that redraws itself on a terminal, a line for each news in a pipe. */
export interface LiveView {
  show(picture: FarmPicture): void;
  /** Leaves the picture as it is: nothing will change any more. */
  rest(): void;
  /** A line that stays. */
  say(line: string): void;
  close(): void;
}

// Ten times a second looks alive and costs nothing to speak of.
const redrawMilliseconds = 100;

export function openLiveView(stream: NodeJS.WriteStream): LiveView {
  return stream.isTTY ? openTree(stream) : openLines(stream);
}

const clearDown = '\u001b[0J';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const up = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`);

function openTree(stream: NodeJS.WriteStream): LiveView {
  const paint = paintFor(stream);
  let picture: FarmPicture | undefined;
  let drawn = 0;
  const draw = (): void => {
    if (picture === undefined) return;
    const lines = drawTree(picture, Date.now(), stream, paint);
    stream.write(`${up(drawn)}\r${clearDown}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, redrawMilliseconds);
  stream.write(hideCursor);
  return {
    show: (next) => {
      picture = next;
    },
    say: (line) => {
      stream.write(`${up(drawn)}\r${clearDown}${line}\n`);
      drawn = 0;
      draw();
    },
    rest: () => {
      draw();
      picture = undefined;
      drawn = 0;
    },
    close: () => {
      clearInterval(timer);
      stream.write(`${up(drawn)}\r${clearDown}${showCursor}`);
    },
  };
}

function openLines(stream: NodeJS.WriteStream): LiveView {
  const paint = paintFor(stream);
  const told = new Set<number>();
  return {
    show: ({ builds }) => {
      for (const build of builds) {
        if (build.outcome === null || told.has(build.id)) continue;
        told.add(build.id);
        stream.write(`${drawFinished(build, paint)}\n`);
      }
    },
    rest: () => {},
    say: (line) => void stream.write(`${line}\n`),
    close: () => {},
  };
}
