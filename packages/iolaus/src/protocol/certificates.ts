import { X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';
import { Fault } from '../fault/fault.ts';

/** PEM: who we are, and whom we trust. */
export type Certificates = {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
};

/** What `use` makes of them. Throws `Fault` where they are none, or do not belong together; `whose` they are it says. */
export function useCertificates<Done>(
  whose: string,
  { certificate, key, authority }: Certificates,
  use: (options: SecureContextOptions) => Done,
): Done {
  try {
    readCertificate(authority);
    return use({ cert: certificate, key, ca: authority });
  } catch (cause) {
    throw new Fault('bad-configuration', `the certificates for ${whose} cannot be used`, {
      remedy: 'They should be PEM files, and the key should belong to the certificate.',
      cause,
    });
  }
}

/** Node passes over an authority that is no certificate, and then trusts nobody. */
const readCertificate = (pem: string): X509Certificate => new X509Certificate(pem);
