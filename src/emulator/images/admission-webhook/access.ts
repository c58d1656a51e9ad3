/** The question of the API server's Webhook authorizer: may somebody do something? */
import type { Rules } from './rules.ts';

export interface AccessReview {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec: {
    readonly user?: string;
    readonly resourceAttributes?: { readonly verb?: string; readonly resource?: string; readonly namespace?: string };
    readonly nonResourceAttributes?: { readonly verb?: string; readonly path?: string };
  };
}

interface Status {
  readonly allowed: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
}

/** The answer, and a line for the log. A refusal counts more than a permission; about all else there is no opinion. */
export function judgeAccess({ spec }: AccessReview, { allowAccess, denyAccess, message }: Rules): { status: Status; line: string } {
  const { user = '', resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const asked = [user, resource?.verb ?? path?.verb ?? '', resource?.resource ?? path?.path ?? ''];
  const covers = (rule: string): boolean => rule.split(':').every((part, i, { length }) => matches(part, asked, i, length));
  const verdict = denyAccess.some(covers) ? 'denied' : allowAccess.some(covers) ? 'allowed' : 'no opinion';
  const reason = verdict === 'no opinion' ? {} : { reason: message ?? `the webhook says ${verdict}` };
  const status = { allowed: verdict === 'allowed', ...(verdict === 'denied' && { denied: true }), ...reason };
  return { status, line: `access ${asked.join(' ')}${resource?.namespace ? ` in ${resource.namespace}` : ''}: ${verdict}` };
}

/** A user's name may hold colons, so that the last two parts are the verb and the resource. */
function matches(part: string, asked: readonly string[], i: number, length: number): boolean {
  if (part === '*') return true;
  const users = asked[0]!.split(':');
  const at = i - (length - 2);
  return at < 0 ? users[i] === part && users.length === length - 2 : asked[at + 1] === part;
}
