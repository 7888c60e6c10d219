import type { OutgoingHttpHeaders } from 'node:http';

/** Said with every answer. */
export const securityHeaders: OutgoingHttpHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * For the page: nothing but its own files and its own server. Style attributes are allowed because colours of logs
 * beyond the sixteen named ones come as such; they cannot run anything.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** For answers that are data: if a browser shows them after all, they can do nothing. */
export const dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** Said with logs. */
export const logHeaders: OutgoingHttpHeaders = {
  'content-type': 'text/plain; charset=utf-8',
  'content-security-policy': dataPolicy,
  'cache-control': 'no-cache',
};

/**
 * For what builds have made, which is hostile until proven otherwise: a manual may have its own pictures and styles, but
 * no script runs, and it stands in an origin of its own, from which the page cannot be reached.
 */
export const productPolicy = [
  "default-src 'none'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  'sandbox',
].join('; ');
