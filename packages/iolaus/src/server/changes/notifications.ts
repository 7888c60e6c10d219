import type { Change } from '@iolaus/web/api';

/** A notification tells the ids of builds that changed, or that something did. */
type Told = (payload: string) => readonly string[] | 'something';

const something: Told = () => 'something';
const firstField: Told = (payload) => payload.split('\t', 1);
const allFields: Told = (payload) => payload.split('\t');

/** The channels of Hydra's that say that a build or a step changed, and where their payloads name builds. */
const channelsTold: Readonly<Record<string, Told>> = {
  builds_added: something,
  builds_restarted: something,
  builds_cancelled: something,
  builds_bumped: something,
  builds_deleted: something,
  build_queued: firstField,
  build_started: firstField,
  build_finished: allFields,
  step_started: firstField,
  step_finished: firstField,
};

export const changeChannels: readonly string[] = Object.keys(channelsTold);

/** What a notification says has changed. What it says in a way that is not understood is some change, too. */
export function readNotification(channel: string, payload: string): Change {
  const told = channelsTold[channel]?.(payload) ?? 'something';
  const builds = told === 'something' ? [] : told.map(Number);
  const isNamed = builds.length > 0 && builds.every((id) => Number.isSafeInteger(id) && id > 0);
  return isNamed ? { builds, all: false } : { builds: [], all: true };
}
