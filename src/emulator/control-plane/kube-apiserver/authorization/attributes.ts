/** What an authorizer decides about. */
import type { Call } from '../../../kernel/index.ts';
import type { UserInfo } from '../request.ts';

export interface Attributes {
  readonly user: UserInfo;
  /** A resource verb, or an HTTP method in lower case for other paths. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** '' for a path that is no resource. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  /** '' when all objects are meant. */
  readonly name: string;
  readonly path: string;
  /** Terms of the form field=value of a list or watch, for the Node authorizer. */
  readonly fieldSelector?: string | undefined;
}

/** What came out of a question. 'none' leaves it to the next authorizer, and nobody's yes is a no; 'deny' ends it. */
export interface Decision {
  readonly verdict: 'allow' | 'deny' | 'none';
  readonly reason: string;
  /** What went wrong on the way. Unless somebody allows in the end, the request then fails and is not merely forbidden. */
  readonly error?: string | undefined;
}

export const noOpinion: Decision = { verdict: 'none', reason: '' };

/** One that decides by what the server knows. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
}

/** One that asks somebody outside of the server, and may have to wait. */
export interface RemoteAuthorizer {
  /** What an earlier answer says that still counts; undefined when somebody would have to be asked. */
  remembered(attributes: Attributes): Decision | undefined;
  ask(attributes: Attributes): Call<Decision>;
}
