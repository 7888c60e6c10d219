/** Whom the fake knows. */
export const fakeCredentials = { accessKeyId: 'FAKE', secretAccessKey: 'fake/secret' };

/** The same where programs look for it. */
export const fakeEnvironment = {
  AWS_ACCESS_KEY_ID: fakeCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: fakeCredentials.secretAccessKey,
};
