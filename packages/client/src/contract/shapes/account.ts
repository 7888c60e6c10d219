import { z } from 'zod';
import { grantable } from '../rights.ts';
import { id, text, time } from '../values.ts';

export const login = z.object({ username: text, password: z.string().min(1).max(1_000) });

export const account = z
  .object({
    username: z.string(),
    fullName: z.string().nullable(),
    roles: z.array(z.string()),
    projects: z.array(z.string()).describe('Owned, or a member of'),
    scopes: z.array(z.string()).nullable().describe('What the token is good for; null: a session'),
  })
  .meta({ id: 'Account' });

export const signIns = z
  .object({
    providers: z.array(
      z.object({
        name: z.string(),
        displayName: z.string(),
        address: z.string().describe('Where a browser goes; with `after`, where it comes back to'),
      }),
    ),
  })
  .meta({ id: 'SignIns' });

export const token = z
  .object({
    id,
    name: z.string(),
    scopes: z.array(z.string()),
    createdAt: time,
    expiresAt: time,
    usedAt: time.nullable(),
  })
  .meta({ id: 'Token' });

export const newToken = token
  .extend({ secret: z.string().describe('Shown this once: only its hash is kept') })
  .meta({ id: 'NewToken' });

// Longer than a year nobody remembers what a token is for.
const daysMax = 366;

export const wantedToken = z.object({
  name: text,
  scopes: z.array(grantable).describe('What it may be used for, of what its owner may do'),
  days: z.int().min(1).max(daysMax).describe('Until it expires'),
});
