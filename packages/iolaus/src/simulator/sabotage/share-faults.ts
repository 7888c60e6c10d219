import { jobsetId } from '../../farm/identity.ts';
import type { KnownFault } from './known-fault.ts';
import { withFarm } from './wrap.ts';

// No jobset of a history has such a number.
const nobodys = 1_000;

/** Of what the jobsets are charged. */
export const shareFaults: readonly KnownFault[] = [
  {
    name: 'share never charged',
    story: 'what is built for a jobset while the runner runs does not count',
    seen: 'W3',
    withinSeeds: 30,
    sabotage: {
      doors: (doors) =>
        withFarm(doors, (farm, event, now) =>
          farm.apply(
            event.type === 'builds-queued'
              ? {
                  ...event,
                  builds: event.builds.map((build) => ({
                    ...build,
                    jobset: jobsetId(nobodys + build.id),
                  })),
                }
              : event,
            now,
          ),
        ),
    },
  },
];
