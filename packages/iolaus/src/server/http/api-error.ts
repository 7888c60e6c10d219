/** A request that gets no good answer: the status, a code for programs, a sentence for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 416 | 429 | 503;
  readonly code: string;

  constructor(status: ApiError['status'], code: string, sentence: string) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}

export const notFound = (sentence: string): ApiError => new ApiError(404, 'not-found', sentence);
