/** Tokens from a file that an administrator wrote. Upstream: apiserver/pkg/authentication/token/tokenfile. */
import type { UserInfo } from '../request.ts';
import { authenticated } from './identity.ts';

/** A record of a CSV file as Go's encoding/csv reads it: quoted fields may hold commas, and doubled quotes. */
function fieldsOf(line: string): readonly string[] {
  return [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

/**
 * Users by token: each line is `token,user,uid` and may end in `"group1,group2"`. Throws an Error with upstream's words.
 * `warn` is told of lines that are passed over.
 */
export function readTokenFile(text: string, path: string, warn: (message: string) => void): ReadonlyMap<string, UserInfo> {
  const users = new Map<string, UserInfo>();
  let number = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const fields = fieldsOf(line.trimEnd());
    const [token = '', name = '', uid = '', groups = ''] = fields;
    const found = fields.length;
    if (found < 3) throw new Error(`token file '${path}' must have at least 3 columns (token, user name, user uid), found ${found}`);
    number++;
    if (token === '') {
      warn(`empty token has been found in token file '${path}', record number '${number}'`);
      continue;
    }
    if (users.has(token)) warn(`duplicate token has been found in token file '${path}', record number '${number}'`);
    users.set(token, authenticated({ name, uid: uid || undefined, groups: groups === '' ? [] : groups.split(',') }));
  }
  return users;
}
