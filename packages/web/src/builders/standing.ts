import { secondsOrNull } from '../api/v2.ts';
import type { Builder } from '../api/v2.ts';
import type { StatusWords } from '../status/words.ts';

/** How a builder stands: a word for a list, and a sentence for whoever wants to know why. */
export type Standing = StatusWords & { readonly sentence: string };

/** `now` in seconds. */
export function tellStanding(builder: Builder, now: number): Standing {
  const { closed, running, slots } = builder;
  if (closed !== null) return { ...closedWords(builder, now) };
  if (running === 0) {
    return { word: 'Idle', tone: 'quiet', mark: 'circle', sentence: 'It has nothing to do.' };
  }
  const sentence =
    running >= slots ? 'All of its slots are in use.' : `It takes ${slots - running} more.`;
  return { word: running >= slots ? 'Full' : 'Working', tone: 'active', mark: 'ring', sentence };
}

function closedWords(builder: Builder, now: number): Standing {
  const { closed, storeFreePercent, buildDirectoryFreePercent } = builder;
  const warning = { tone: 'warning', mark: 'stop' } as const;
  switch (closed) {
    case 'away':
      return {
        word: 'Away',
        tone: 'bad',
        mark: 'cross',
        sentence: 'Its connection is gone. What it has waits for a while for it to come back.',
      };
    case 'silent':
      return {
        word: 'Silent',
        tone: 'bad',
        mark: 'cross',
        sentence: 'It is connected, but has not said for too long how it is.',
      };
    case 'no-ping-yet':
      return {
        word: 'Joining',
        tone: 'quiet',
        mark: 'clock',
        sentence: 'It has not said yet how it is.',
      };
    case 'paused-by-hand':
      return { ...warning, word: 'Paused', sentence: 'Somebody paused it: it gets nothing new.' };
    case 'draining':
      return {
        ...warning,
        word: 'Draining',
        sentence: 'It ends what it has begun and gets nothing new.',
      };
    case 'store-full':
      return {
        word: 'Store full',
        tone: 'bad',
        mark: 'stop',
        sentence: `Only ${storeFreePercent.toFixed(0)} % of its store's disk are free.`,
      };
    case 'build-directory-full':
      return {
        word: 'Disk full',
        tone: 'bad',
        mark: 'stop',
        sentence: `Only ${buildDirectoryFreePercent.toFixed(0)} % of the disk on which it builds are free.`,
      };
    case 'paused':
      return { ...warning, word: 'Quarantined', sentence: tellPause(builder, now) };
    case 'on-trial':
      return {
        word: 'On trial',
        tone: 'warning',
        mark: 'clock',
        sentence: 'It has to do one step well before it gets more at a time.',
      };
    default:
      return { ...warning, word: closed ?? '', sentence: 'It gets no work for now.' };
  }
}

function tellPause({ pausedUntil }: Builder, now: number): string {
  const until = secondsOrNull(pausedUntil);
  const rest = until === null ? '' : ` for ${Math.max(1, Math.ceil((until - now) / 60))} min more`;
  return `It went wrong by itself too often: it gets nothing${rest}.`;
}
