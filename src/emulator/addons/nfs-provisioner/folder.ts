/** Where a volume's folder lies below the server's path, and what becomes of it. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/generated/types.ts';
import type { FileSystem } from '../../kernel/index.ts';
import { basename, dirname } from '../../kernel/index.ts';

/** Where the Pod mounts the server's path. */
const mountPath = '/persistentvolumes';

type Parameters = NonNullable<StorageClass['parameters']>;

/** `${.PVC.namespace}/${.PVC.name}` with the claim's own values: names, labels and annotations. */
function fromPattern(pattern: string, { metadata }: PersistentVolumeClaim): string {
  return pattern.replace(/\$\{\.PVC\.((labels|annotations)\.(.*?)|.*?)\}/g, (_, field: string, map?: string, key?: string) => {
    if (map === 'labels') return metadata.labels?.[key!] ?? '';
    if (map === 'annotations') return metadata.annotations?.[key!] ?? '';
    return field === 'namespace' ? metadata.namespace! : field === 'name' ? metadata.name : '';
  });
}

/** The folder of a claim, relative to the server's path. */
export function folderOf(claim: PersistentVolumeClaim, volumeName: string, { pathPattern }: Parameters): string {
  if (pathPattern) return fromPattern(pathPattern, claim).replace(/^\/+|\/+$/g, '');
  return `${claim.metadata.namespace}-${claim.metadata.name}-${volumeName}`;
}

export function makeFolder(fs: FileSystem, folder: string): void {
  fs.mkdirs(`${mountPath}/${folder}`);
  fs.writable(`${mountPath}/${folder}`).mode = 0o777;
}

/** Removes the folder of a volume that goes, keeps it, or puts it aside under another name, which is the default. */
export function dropFolder(fs: FileSystem, { spec }: PersistentVolume, serverPath: string, parameters: Parameters): void {
  const folder = spec.nfs!.path.slice(serverPath.length).replace(/^\/+/, '');
  const path = `${mountPath}/${folder}`;
  if (folder === '' || !fs.find(path)) return;
  const { onDelete, archiveOnDelete } = parameters;
  if (onDelete === 'retain') return;
  if (onDelete === 'delete' || archiveOnDelete === 'false') fs.remove(path, { recursive: true });
  else fs.rename(path, `${dirname(path)}/archived-${basename(path)}`);
}
