import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** What the bearer may be: a token is for one machine, and for what that machine was made for. */
export type JoinClaims = {
  /** What it has to call itself. */
  readonly hostname: string;
  readonly systems: readonly string[];
  readonly features: readonly string[];
  readonly mandatoryFeatures: readonly string[];
  readonly maxJobs: number;
  /** Who has not joined by then does not any more. Milliseconds since the epoch. */
  readonly expiresAt: number;
};

const prefix = 'iolaus-join';
const words = z.array(z.string());
const claimsSchema = z.object({
  hostname: z.string().min(1),
  systems: words,
  features: words,
  mandatoryFeatures: words,
  maxJobs: z.number().int().positive(),
  expiresAt: z.number(),
});

/** Signed with a key that runner and provisioner share: nobody has to ask, and nothing has to be kept. */
export function mintJoinToken(key: string, claims: JoinClaims): string {
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${prefix}.${body}.${sign(key, body).toString('base64url')}`;
}

/** Null: it is no join token, or nobody with the key has signed it. */
export function readJoinToken(key: string, token: string): JoinClaims | null {
  const [kind, body = '', signature = '', ...rest] = token.split('.');
  if (kind !== prefix || rest.length > 0) return null;
  const [given, right] = [Buffer.from(signature, 'base64url'), sign(key, body)];
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
  const parsed = claimsSchema.safeParse(parseJson(Buffer.from(body, 'base64url').toString('utf8')));
  return parsed.success ? parsed.data : null;
}

const sign = (key: string, body: string): Buffer =>
  createHmac('sha256', key).update(`${prefix}.${body}`).digest();

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
