import { dispatchFaults } from './dispatch-faults.ts';
import type { KnownFault } from './known-fault.ts';
import { queueFaults } from './queue-faults.ts';
import { recordFaults } from './record-faults.ts';
import { reportFaults } from './report-faults.ts';
import { shareFaults } from './share-faults.ts';
import { uploadFaults } from './upload-faults.ts';

/** Every class of faults that the simulator is known to find. */
export const knownFaults: readonly KnownFault[] = [
  ...queueFaults,
  ...dispatchFaults,
  ...reportFaults,
  ...recordFaults,
  ...uploadFaults,
  ...shareFaults,
];
