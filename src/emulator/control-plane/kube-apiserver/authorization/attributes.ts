/** What an authorizer decides about. */
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

/** 'none' leaves the decision to the next authorizer; nobody's yes is a no. */
export interface Decision {
  readonly verdict: 'allow' | 'none';
  readonly reason: string;
}

export const noOpinion: Decision = { verdict: 'none', reason: '' };

export interface Authorizer {
  authorize(attributes: Attributes): Decision;
}
