import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsV4Signer } from 'aws4fetch';
import fc from 'fast-check';
import { encodeStrictly, presignedUrl, signedHeaders, unsignedPayload } from './signature.ts';

const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const now = Date.parse('2026-11-21T10:15:00Z');
const datetime = '20261121T101500Z';
const word = fc.string({
  unit: fc.constantFrom(...Array.from("aZ09-._~ +=?&%!*()'@:é")),
  minLength: 1,
  maxLength: 8,
});
const token = fc.option(word, { nil: undefined });

const request = fc
  .record({
    method: fc.constantFrom('GET', 'PUT', 'POST', 'HEAD', 'DELETE'),
    path: fc.array(
      word.filter((text) => !/^\.+$/.test(text)),
      { minLength: 1, maxLength: 4 },
    ),
    query: fc.uniqueArray(fc.tuple(word, word), { maxLength: 3, selector: ([name]) => name }),
    region: fc.constantFrom('us-east-1', 'eu-central-1'),
    sessionToken: token,
  })
  .map(({ path, query, ...rest }) => {
    const search = query
      .map((pair) => `?${pair.map(encodeStrictly).join('=')}`)
      .join('&')
      .replaceAll('&?', '&');
    return {
      ...rest,
      url: new URL(`https://cache.example:9000/${path.map(encodeStrictly).join('/')}${search}`),
    };
  });

test('a request is signed as an independent signer signs it', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ method, url, region, sessionToken }) => {
      const session = sessionToken === undefined ? {} : { sessionToken };
      const own = signedHeaders(
        { credentials: { ...credentials, ...session }, region, now },
        { method, url, headers: {} },
        unsignedPayload,
      );
      const theirs = await new AwsV4Signer({
        method,
        url: url.href,
        region,
        service: 's3',
        datetime,
        ...credentials,
        ...session,
      }).sign();
      assert.equal(own['authorization'], theirs.headers.get('authorization'));
    }),
  );
});

test('an address is presigned as an independent signer does it', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ method, url, region, sessionToken }) => {
      const session = sessionToken === undefined ? {} : { sessionToken };
      const signer = { credentials: { ...credentials, ...session }, region, now };
      const own = presignedUrl(signer, { method, url, headers: {} }, 3_600);
      const theirs = await new AwsV4Signer({
        method,
        url: `${url.href}${url.search === '' ? '?' : '&'}X-Amz-Expires=3600`,
        region,
        service: 's3',
        datetime,
        signQuery: true,
        ...credentials,
        ...session,
      }).sign();
      assert.equal(
        own.searchParams.get('X-Amz-Signature'),
        theirs.url.searchParams.get('X-Amz-Signature'),
      );
    }),
  );
});
