/** A request that the client got wrong, or that cannot be answered now. The text is for whoever asked. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: 400 | 401 | 404 | 413 | 415 | 503;

  constructor(status: RestError['status'], text: string) {
    super(text);
    this.status = status;
  }
}
