import type { S3Traffic, Transfers } from '../../../cache/objects/s3/s3-traffic.ts';
import type { Publishing } from '../../observation/sight.ts';

const bytesOfMiB = 2 ** 20;
const bytesOfGiB = 2 ** 30;

/** MiB a second. */
const speedOf = ({ bytes, milliseconds }: Transfers): number =>
  milliseconds === 0 ? 0 : bytes / bytesOfMiB / (milliseconds / 1_000);

/** What Amazon asks, as Hydra reckons it: for requests, and for what is fetched from its data centre. */
const dollarsFor = ({ put, get, head }: S3Traffic): number =>
  (put.count / 1_000) * 0.005 +
  ((get.count + head) / 10_000) * 0.004 +
  (get.bytes / bytesOfGiB) * 0.09;

/** Each figure of a store in S3, by the name that `/status` of Hydra's queue runner has for it. */
export const trafficFigures: Readonly<Record<string, (traffic: S3Traffic) => number>> = {
  put: ({ put }) => put.count,
  putBytes: ({ put }) => put.bytes,
  putTimeMs: ({ put }) => Math.round(put.milliseconds),
  putSpeed: ({ put }) => speedOf(put),
  get: ({ get }) => get.count,
  getBytes: ({ get }) => get.bytes,
  getTimeMs: ({ get }) => Math.round(get.milliseconds),
  getSpeed: ({ get }) => speedOf(get),
  head: ({ head }) => head,
  costDollarApprox: dollarsFor,
};

/** The object `s3` of `/status`. */
export function describeTraffic(stores: ReturnType<Publishing['traffic']>): unknown {
  return Object.fromEntries(
    [...stores].map(([bucket, traffic]) => [
      bucket,
      Object.fromEntries(
        Object.entries(trafficFigures).map(([name, figure]) => [name, figure(traffic)]),
      ),
    ]),
  );
}

/** `GET /status/uploads`: base names of what waits. */
export async function answerUploads({ waiting }: Publishing): Promise<unknown> {
  const paths = [...new Set((await waiting()).flatMap(({ outputs }) => outputs))];
  return { paths, pathCount: paths.length };
}
