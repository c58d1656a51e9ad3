/** Which part of its volume each mount of a container shows: `subPath`, or `subPathExpr` with the container's variables in it. */
import type { Container, VolumeMount } from '../../../api/generated/types.ts';

const none: readonly string[] = [];

/** In the order of the mounts, '' for all of the volume. Throws an Error that becomes the container's CreateContainerConfigError. */
export function subPathsOf({ volumeMounts }: Container, environment: ReadonlyMap<string, string>): readonly string[] {
  if (!volumeMounts?.some(({ subPath, subPathExpr }) => subPath ?? subPathExpr)) return none;
  return volumeMounts.map((mount) => subPathOf(mount, environment));
}

function subPathOf({ subPath = '', subPathExpr }: VolumeMount, environment: ReadonlyMap<string, string>): string {
  const path = subPathExpr ? expand(subPathExpr, environment) : subPath;
  if (path.startsWith('/')) throw new Error(`error SubPath \`${path}\` must not be an absolute path`);
  if (path.split('/').includes('..')) throw new Error(`unable to provision SubPath \`${path}\`: must not contain '..'`);
  return path;
}

/** Unlike in commands a variable that there is not is an error (pkg/kubelet/container/helpers.go, ExpandContainerVolumeMounts). */
function expand(text: string, environment: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (found, name: string | undefined) => {
    if (found === '$$') return '$';
    const value = environment.get(name!);
    if (value === undefined) throw new Error(`missing value for ${JSON.stringify(name)}`);
    return value;
  });
}
