import type { UserInfo } from '../request.ts';

/** How the far server learns who asks (client-go/transport, SetAuthProxyHeaders). */
export function userHeaders({ name, groups, extra = {} }: UserInfo): Record<string, string> {
  const headers: Record<string, string> = { 'x-remote-user': name, 'x-remote-group': groups.join(', ') };
  for (const key in extra) headers[`x-remote-extra-${encodeURIComponent(key.toLowerCase())}`] = extra[key]!.join(', ');
  return headers;
}
