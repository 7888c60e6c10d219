import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A certificate and its key, both PEM. */
export type Identity = { readonly certificate: string; readonly key: string };

export type Authority = Identity & {
  /** A certificate for a name, signed by the authority; good until the end of the century, or of the year. */
  issue(name: string, lastYear?: number): Identity;
};

/** An authority that exists for one test. Certificates are X.509 v3 with P-256 keys (RFC 5280). */
export function makeAuthority(name: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issue = (
    subject: string,
    subjectKey: KeyObject,
    isAuthority: boolean,
    lastYear = 2099,
  ): string =>
    makeCertificate({
      issuer: name,
      issuerKey: privateKey,
      subject,
      subjectKey,
      isAuthority,
      lastYear,
    });
  return {
    certificate: issue(name, publicKey, true),
    key: exportKey(privateKey),
    issue(subject, lastYear) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return {
        certificate: issue(subject, pair.publicKey, false, lastYear),
        key: exportKey(pair.privateKey),
      };
    },
  };
}

type Wish = {
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly subject: string;
  readonly subjectKey: KeyObject;
  readonly isAuthority: boolean;
  readonly lastYear: number;
};

function makeCertificate(wish: Wish): string {
  const { issuer, issuerKey, subject, subjectKey, isAuthority, lastYear } = wish;
  const publicKey = subjectKey.export({ type: 'spki', format: 'der' });
  const serial = createHash('sha256').update(publicKey).digest().subarray(0, 8);
  serial[0] = 1;
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(time('20200101000000Z'), time(`${lastYear}1231235959Z`)),
    nameOf(subject),
    publicKey,
    tagged(0xa3, sequence(...extensions(subject, isAuthority))),
  );
  const signature = sign('sha256', body, issuerKey);
  const bits = tagged(0x03, Buffer.concat([Buffer.from([0]), signature]));
  return pem('CERTIFICATE', sequence(body, ecdsaWithSha256, bits));
}

function extensions(name: string, isAuthority: boolean): Buffer[] {
  const alternative = sequence(tagged(0x82, Buffer.from(name)));
  const constraints = sequence(...(isAuthority ? [tagged(0x01, Buffer.from([0xff]))] : []));
  return [
    sequence(objectId('551d11'), tagged(0x04, alternative)),
    sequence(objectId('551d13'), tagged(0x04, constraints)),
  ];
}

/** DER: a tag, a length, the content. */
function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(bytes)]), bytes]);
}

/** In as few bytes as it fits in: strict readers take no others. */
function lengthOf({ length }: Buffer): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

const sequence = (...content: readonly Buffer[]): Buffer => tagged(0x30, ...content);
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const time = (text: string): Buffer => tagged(0x18, Buffer.from(text));
const objectId = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));

const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));

/** One common name. */
const nameOf = (name: string): Buffer =>
  sequence(tagged(0x31, sequence(objectId('550403'), tagged(0x0c, Buffer.from(name)))));

function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
