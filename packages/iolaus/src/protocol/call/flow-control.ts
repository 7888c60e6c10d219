/** HTTP/2's own limits for both ends. */

// A path of 20 ms at 1 GB/s holds 20 MB; with Node's 64 KiB an upload crawls at 2 MB/s there.
export const streamWindowBytes = 4 * 1024 * 1024;
export const sessionWindowBytes = 16 * 1024 * 1024;

// What a session may hold for all its streams: a few messages of the greatest size. Node's 10 MB refuse the second.
export const sessionMemoryMegabytes = 512;

// A builder runs hundreds of steps at most, each with a log and two or three transfers.
export const concurrentCalls = 4_096;
