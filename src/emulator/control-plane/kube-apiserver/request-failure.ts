import { failure, StatusError } from '../../machinery/status-error.ts';

/** A request that failed before anybody looked at what it wants. Over HTTP it is told as plain text (responsewriters.InternalError). */
export class RequestFailure extends StatusError {
  constructor(why: string) {
    super(failure(500, 'InternalError', `Internal error occurred: ${why}`));
    this.why = why;
  }

  readonly why: string;

  /** As upstream writes it, for a request's address; nothing in it may look like HTML. */
  textFor(target: string): string {
    const text = `Internal Server Error: ${JSON.stringify(target)}: ${this.why}`;
    return `${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}\n`;
  }
}
