const remedies: Readonly<Record<string, string>> = {
  NoSuchBucket: 'Make the bucket, or mend its name or `endpoint` in the address of the cache.',
  AccessDenied:
    'Allow these credentials `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject` and `s3:ListBucket` there.',
  InvalidAccessKeyId: 'The server does not know this access key: is it of another server?',
  SignatureDoesNotMatch: 'Does the secret key belong to the access key?',
  AuthorizationHeaderMalformed: 'The bucket lies in another `region` than the address says.',
};

/** What puts right that S3 refuses with this code; nothing of the rarer ones, whose own message has to do. */
export function refusalRemedy(code: string): { readonly remedy?: string } {
  const remedy = remedies[code];
  return remedy === undefined ? {} : { remedy };
}
