/** Certificate files whose content need not be read, because whoever wrote them said what they are. */
import type { Certificate } from '../../../machinery/x509/index.ts';

const remembered = new WeakMap<object, { readonly isPristine: () => boolean; readonly certificate: Certificate }>();

/** Says which certificate a file (its inode) holds as long as nobody has changed it, so that a server need not parse it. */
export function rememberCertificate(inode: object, isPristine: () => boolean, certificate: Certificate): void {
  remembered.set(inode, { isPristine, certificate });
}

/** The certificate of a file that is as it was written. */
export function knownCertificate(inode: object | undefined): Certificate | undefined {
  const known = inode && remembered.get(inode);
  return known?.isPristine() ? known.certificate : undefined;
}
