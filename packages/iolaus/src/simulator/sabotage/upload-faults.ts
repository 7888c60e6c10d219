import type { KnownFault } from './known-fault.ts';

/** Of what is published. */
export const uploadFaults: readonly KnownFault[] = [
  {
    name: 'gate released on failed upload',
    story: 'what could not be published counts as published',
    seen: 'hydra@5a08c520, hydra@6cf7a404',
    withinSeeds: 30,
    sabotage: { publish: (publish) => (upload) => publish(upload).catch(() => {}) },
  },
];
