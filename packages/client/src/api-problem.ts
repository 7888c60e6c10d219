/** A request to which the server said no: HTTP's status, a code for programs, a sentence for people. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.status = status;
    this.code = code;
  }
}
