import { test } from 'node:test';
import { assertNamedTests, at } from '../../testing/named-tests.ts';

// What Hydra's builder and its binary caches get wrong, as it was read and numbered when ours were begun: each has a test that ours pass.

test("each fault of Hydra's builder is in a test", () =>
  assertNamedTests({
    '1 a tunnel that is lost ends all builds': at(
      'cli/end-to-end/rejoin.test.ts',
      /what a builder has finished while the runner was away outlasts its own restart/,
    ),
    '2 no way to drain': at(
      'builder/drain.test.ts',
      /a builder that drains finishes what it has, takes nothing more and ends/,
    ),
    '3 a daemon that is away fails the build': at(
      'builder/outcomes.test.ts',
      /a daemon that has gone is no fault of the build/,
    ),
    '4 every verdict of the daemon is a permanent failure': at(
      'cli/end-to-end/daemon-verdicts.test.ts',
      /a source that could not be fetched is tried again/,
    ),
    '5 links are followed': at(
      'nix-support/nix-support.test.ts',
      /a release name that is a link to a secret tells nothing/,
    ),
    '6 products outside of the output': at(
      'nix-support/product-path.test.ts',
      /whatever the path, the place has no component that leads anywhere else/,
    ),
    '8 what breaks is never reported': at(
      'builder/attempts/attempt-error.test.ts',
      /what goes wrong counts as the phase it went wrong in/,
    ),
    '9 a build that is over blocks the next': at(
      'builder/slots.test.ts',
      /an order that comes twice is built once/,
    ),
    '10 outputs that are missing': at(
      'farm/attempts/succeed.test.ts',
      /a result without an output of the derivation does not finish the step/,
    ),
    '11 gauges that never go down': at(
      'builder/tunnel/path-counters.test.ts',
      /paths are counted for as long as somebody is at work on them, however that ends/,
    ),
    '12 a log that breaks off is lost': at(
      'builder/log/log.test.ts',
      /a log can be read again from any position, while it grows/,
    ),
    '14 two handshakes for each path': at(
      '../../nix/src/daemon/economy.test.ts',
      /the validity of 100,000 paths is asked for with ten questions/,
    ),
    '15 a closure is walked again and again': at(
      '../../nix/src/daemon/economy.test.ts',
      /a closure asks for each path once/,
    ),
    '16 space is looked for where nobody builds': at(
      'builder/tunnel/ping.test.ts',
      /Nix builds where it was told to, else below its state, else where all temporary files go/,
    ),
    '17 no bogomips, no score': at(
      'farm/placement/placement.test.ts',
      /count bogomips from one on/,
    ),
    '18 space that nobody can tell is none': at(
      'builder/tunnel/ping.test.ts',
      /space of which nobody can tell stands in the way of nothing/,
    ),
    '19 addresses expire': at(
      'runner/uploads/direct/uploading.test.ts',
      /addresses of parts are asked for when they are needed, and renewed/,
    ),
    '20 requests without end': at(
      'runner/uploads/faults.test.ts',
      /no lie is told, and all is published/,
    ),
    '23 names that are no text': at(
      '../../nix/src/nar/listing.test.ts',
      /with names that are no UTF-8/,
    ),
    '24 a slot is held while outputs are handed over': at(
      'builder/slots.test.ts',
      /a slot is free when its build has ended, while its outputs are still handed over/,
    ),
    '26 what the daemon measured is lost': at(
      'builder/outcomes.test.ts',
      /a failed build tells how long it took/,
    ),
    '27 what was fetched passes for built here': at(
      'builder/transfers.test.ts',
      /what was fetched does not pass for what was built here/,
    ),
    '28 the builder keeps no limit of its own': at(
      'builder/slots.test.ts',
      /there are never more builds at once than slots/,
    ),
    '29 addresses leak into messages': at(
      'builder/attempts/attempt-error.test.ts',
      /no secret of a presigned URL becomes public/,
    ),
    '30 settings that make no sense': at(
      'builder/configuration.test.ts',
      /a mistake in the file is told as one of configuration/,
    ),
  }));

test("each fault of Hydra's binary caches is in a test", () =>
  assertNamedTests({
    '1 keys with a newline sign nothing': at(
      'cache/publish/publisher.test.ts',
      /a narinfo is signed by every key, whatever newlines end their files/,
    ),
    '3 settings that nobody knows': at(
      'cache/address/parse-address.test.ts',
      /what is mistyped is refused by name, and never left to another program/,
    ),
    '4, 8, 12 what addresses say has no effect': at(
      'cache/address/parameters.test.ts',
      /no parameter is taken that is not tried here and told of/,
    ),
    '5 levels of compression': at(
      'cache/compression/compress.test.ts',
      /zstd packs at each of its levels/,
    ),
    '6, 18 an upload that failed is a success': at(
      'runner/uploads/direct/direct-uploads.test.ts',
      /an upload that is refused is another attempt, and in the end shown as what it is/,
    ),
    '7 parts that nobody finishes': at(
      'runner/uploads/direct/direct-uploads.test.ts',
      /what builders of an earlier runner have begun in parts is aborted by the next/,
    ),
    '9 what builders claim is signed': at(
      'runner/uploads/direct/hostile-builder.test.ts',
      /a false size gets no signature/,
    ),
    '10 a damaged path is published': at(
      'cache/publish/publisher.test.ts',
      /an archive that is not what the store says is neither sent nor signed/,
    ),
    '11 a path before what it refers to': at(
      'cache/publish/publisher.test.ts',
      /a path is not published before all that it refers to/,
    ),
    '13 present for 60 days': at(
      'cache/presence.test.ts',
      /what was there is not asked for again, unless something was swept since/,
    ),
    '14 realisations where nobody looks': at(
      'cache/realisations/realisation-object.test.ts',
      /a realisation is found under the names of both layouts/,
    ),
    '15 to 17 the queue of uploads': at(
      'runner/uploads/upload-queue.test.ts',
      /is tried again, by the next runner too, and holds up no other/,
    ),
    '19 one object holds up the queue': at(
      'runner/uploads/faults.test.ts',
      /a slow object delays nothing that does not need it/,
    ),
    '22 uploads in memory': at(
      'cache/objects/s3/part-buffers.test.ts',
      /all uploads together have no more memory than there is for parts/,
    ),
    '23, 25 requests without end, errors that look like success': at(
      'runner/uploads/faults.test.ts',
      /no lie is told, and all is published/,
    ),
    "26 somebody else's object under the same key": at(
      'cache/publish/publisher.test.ts',
      /another's archive under the same name is believed only if it is what it should be/,
    ),
    '27 no logs where builders upload': at(
      'cli/end-to-end/fetched-by-nix.test.ts',
      /published from S3, and believes our key alone/,
    ),
    '28 a narinfo whose archive is gone': at(
      'cache/upkeep/sweep-garbage.test.ts',
      /whenever it is killed, all that the cache still shows is there/,
    ),
    '29 a bucket that is no cache': at(
      'cache/publish/publisher.test.ts',
      /Nix fetches what is published with/,
    ),
    '30 listings without offsets': at(
      '../../nix/src/nar/events.test.ts',
      /offsets in a listing lead to the contents/,
    ),
    '32 a mistyped store becomes another one': at(
      'runner/uploads/upload-queue.test.ts',
      /a mistyped store stops the runner/,
    ),
  }));
