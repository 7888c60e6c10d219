import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { once } from 'node:events';
import { startPair } from '../testing/runner-pair.ts';

const headers = {
  ':method': 'POST',
  ':path': '/runner.v1.RunnerService/BuildResult',
  'content-type': 'application/grpc',
  te: 'trailers',
};

/** The head of a message of 48 MiB. */
const head = Buffer.from([0, 3, 0, 0, 0]);

test('a connection may have two of the largest messages half sent, and not three; and what is given up counts no more', async () => {
  await using pair = await startPair({});
  const session = connect(pair.server.endpoint);
  try {
    const begin = () => {
      const stream = session.request(headers, { endStream: false });
      stream.write(head);
      return stream;
    };
    const [one] = [begin(), begin()];
    const third = begin();
    const [answer] = await once(third, 'response');
    assert.equal(answer['grpc-status'], '11');
    assert.match(decodeURIComponent(answer['grpc-message']), /^too much is half sent: \d+ bytes/);
    assert.ok(one);
    one.close();
    await once(one, 'close');
    third.close();
  } finally {
    session.destroy();
  }
});
