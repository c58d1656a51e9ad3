/**
 * An NFS server and its client, as far as mounting goes: the server exports folders, a client asks for one over the wire
 * and from then on works on the server's own files.
 *
 * Differs from NFS: once mounted, files are read and written without packets, so that a server that is gone hangs nobody.
 */
import type { Call, DirectoryInode, Inode, Listener, NetNamespace } from '../../kernel/index.ts';
import { Errno, isErrno } from '../../kernel/index.ts';
import type { ResolverContext } from './resolver.ts';
import { ResolveError, resolveHost } from './resolver.ts';

const port = 2049;
/** mount(8) tries for two minutes. */
const timeoutMs = 120_000;

/** What a client finds behind the server's port. */
interface NfsEndpoint {
  /** Throws EACCES for what is not exported, ENOENT for what is not there. */
  mount(path: string): Inode;
}

/** Serves folders by the path under which they are exported. */
export function serveNfs(net: NetNamespace, exported: ReadonlyMap<string, DirectoryInode>): Listener {
  const endpoint: NfsEndpoint = { mount: (path) => find(exported, path.replace(/\/+$/, '')) };
  return net.listen(port, { endpoint });
}

function find(exported: ReadonlyMap<string, DirectoryInode>, path: string): Inode {
  for (const [base, root] of exported) {
    if (path !== base && !path.startsWith(`${base}/`)) continue;
    let at: Inode | undefined = root;
    for (const part of path.slice(base.length).split('/'))
      if (part !== '' && part !== '.') at = at?.kind === 'directory' ? at.entries.get(part) : undefined;
    if (!at) throw new Errno('ENOENT');
    return at;
  }
  throw new Errno('EACCES');
}

/** Mounts a server's folder. Throws an Error with what mount.nfs(8) prints. */
export function* mountNfs(context: ResolverContext, server: string, path: string): Call<Inode> {
  try {
    const ip = yield* resolveHost(context, server);
    const connection = yield* context.net.connect({ ip, port }, { timeoutMs });
    const endpoint = connection.service.endpoint as NfsEndpoint | undefined;
    connection.close();
    if (!endpoint?.mount) throw new Errno('EPROTO');
    return endpoint.mount(path);
  } catch (error) {
    throw new Error(`mount.nfs: ${complaint(error, server, path)}`);
  }
}

function complaint(error: unknown, server: string, path: string): string {
  if (error instanceof ResolveError) return `Failed to resolve server ${server}: ${error.message}`;
  if (!isErrno(error)) throw error;
  switch (error.code) {
    case 'EACCES':
      return `access denied by server while mounting ${server}:${path}`;
    case 'ENOENT':
      return `mounting ${server}:${path} failed, reason given by server: No such file or directory`;
    case 'ECONNREFUSED':
      return `Connection refused for ${server}:${path} on ${path}`;
    case 'EHOSTUNREACH':
      return `No route to host for ${server}:${path} on ${path}`;
    case 'EPROTO':
      return `Protocol not supported for ${server}:${path} on ${path}`;
    default:
      return `Connection timed out for ${server}:${path} on ${path}`;
  }
}
