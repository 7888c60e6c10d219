import type { Database } from '../../database/connection/connection.ts';
import type { LiveFarm } from '../live-farm.ts';
import type { Words } from './written-rows.ts';

/** What Hydra's programs hear of builds and steps, in its order. */
export type Heard = {
  /**
   * As words, without the numbers of steps, and without what Hydra's runner tells of a build when a step begins that is not
   * its own: ours does not say that.
   */
  lines(words: Words): Promise<string[]>;
  stop(): Promise<void>;
};

type Notification = { readonly channel: string; readonly fields: readonly string[] };

const channels = [
  'build_started',
  'build_finished',
  'step_started',
  'step_finished',
  'builds_restarted',
  'builds_cancelled',
  'builds_deleted',
  'builds_bumped',
];

export async function hearNotifications({ database }: LiveFarm): Promise<Heard> {
  const heard: Notification[] = [];
  const listener = await database.listen(
    channels,
    (channel, payload) => void heard.push({ channel, fields: payload.split('\t') }),
    () => {},
  );
  return {
    lines: async (words) => {
      const ownSteps = await readOwnSteps(database);
      const startsBuild = (index: number): boolean => {
        const [build] = heard[index]?.fields ?? [];
        const before = heard.slice(0, index);
        const start = before.findLast(
          ({ channel, fields }) => channel === 'step_started' && fields[0] === build,
        );
        return ownSteps.has(start?.fields.join(' ') ?? '');
      };
      return heard
        .filter(({ channel }, index) => channel !== 'build_started' || startsBuild(index))
        .map((each) => say(each, words));
    },
    stop: () => listener.close(),
  };
}

/** Build and number of the steps that are the builds' own derivations, or what those were resolved into. */
async function readOwnSteps(database: Database): Promise<ReadonlySet<string>> {
  const rows = await database.query<{ step: string }>(
    `select s.build || ' ' || s.stepnr as step from buildsteps s join builds b on b.id = s.build
     where regexp_replace(s.drvpath, '^.*/[^-]*-', '') = regexp_replace(b.drvpath, '^.*/[^-]*-', '')`,
  );
  return new Set(rows.map(({ step }) => step));
}

/** Hydra's runner may name a build twice that failed of its own step. */
function say({ channel, fields }: Notification, words: Words): string {
  const [build, ...others] = fields;
  const rest =
    channel === 'build_finished' ? others.map(words.build) : others.slice(1).map(words.text);
  return [...new Set([channel, words.build(build), ...rest])].join(' ');
}
