import { argon2, createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const hash = promisify(argon2);

/** What Hydra keeps of a password: a string of Argon2's own form. */
const phcString =
  /^\$(argon2(?:d|i|id))\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * Whether `password` is the one of which Hydra's table keeps `stored`. Hydra has hashed the SHA-1 hashes that it kept long
 * ago once more: such a one is right, too. An account of elsewhere (`!`) has no password.
 */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, algorithm, memory, passes, parallelism, salt, tag] = phcString.exec(stored) ?? [];
  if (algorithm !== 'argon2d' && algorithm !== 'argon2i' && algorithm !== 'argon2id') return false;
  const expected = Buffer.from(tag ?? '', 'base64');
  const parameters = {
    nonce: Buffer.from(salt ?? '', 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: expected.length,
  };
  const legacy = createHash('sha1').update(password).digest('hex');
  for (const message of [password, legacy]) {
    const found = await hash(algorithm, { ...parameters, message });
    if (timingSafeEqual(found, expected)) return true;
  }
  return false;
}

// As Hydra's own programs choose them, and more memory than a cracker likes.
const chosen = { memory: 64 * 1024, passes: 3, parallelism: 1, tagLength: 16 };

/** What Hydra's table keeps of a password, so that its pages take it too. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await hash('argon2id', { message: password, nonce, ...chosen });
  const { memory, passes, parallelism } = chosen;
  const parameters = `m=${memory},t=${passes},p=${parallelism}`;
  return `$argon2id$v=19$${parameters}$${unpadded(nonce)}$${unpadded(tag)}`;
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
