/** Certificates and keys in files, read anew when the file has changed. */
import type { FileSystem, Inode } from '../../kernel/filesystem.ts';
import { textOf } from '../../kernel/bytes.ts';
import { parseCertificates } from './certificate.ts';
import type { Certificate } from './certificate.ts';

const remembered = new WeakMap<object, { readonly isPristine: () => boolean; readonly certificate: Certificate }>();

/** Says which certificate a file (its inode) holds as long as nobody has changed it: reading it would cost a signature. */
export function rememberCertificate(inode: object, isPristine: () => boolean, certificate: Certificate): void {
  remembered.set(inode, { isPristine, certificate });
}

/** The certificate of a file that is as it was written. */
function knownCertificate(inode: Inode | undefined): Certificate | undefined {
  const known = inode && remembered.get(inode);
  return known?.isPristine() ? known.certificate : undefined;
}

/** Texts that were parsed: many clients have the same authority. */
const parsed = new Map<string, readonly Certificate[]>();
const maxParsed = 64;

/** The certificates of a PEM text. Parsed once. */
export function certificatesOf(pem: string): readonly Certificate[] {
  let found = parsed.get(pem);
  if (!found) {
    if (parsed.size >= maxParsed) parsed.clear();
    found = parseCertificates(pem);
    parsed.set(pem, found);
  }
  return found;
}

/** The certificates of a file, without the cost of its signature where it is as kubeadm wrote it. None where there is no file. */
export function certificatesIn(fs: FileSystem, path: string): readonly Certificate[] {
  const inode = fs.find(path);
  if (inode?.kind !== 'file') return [];
  const known = knownCertificate(inode);
  return known ? [known] : certificatesOf(textOf(fs.readFile(path)));
}
