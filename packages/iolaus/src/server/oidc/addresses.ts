/** Where a page begins a sign-in. */
export const signInAddress = (provider: string): string => `/oidc-login/${provider}`;

/** Where the provider sends people back to; Hydra has the same. */
export const callbackAddress = (provider: string): string => `/oidc-callback/${provider}`;
