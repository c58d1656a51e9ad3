/** Which versions may follow which (cmd/kubeadm/app/phases/upgrade/policy.go). */

export interface Skew {
  readonly cluster: string;
  readonly kubeadm: string;
  readonly kubelets: readonly string[];
  readonly wanted: string;
}

interface Version {
  readonly minor: number;
  readonly patch: number;
  readonly isUnstable: boolean;
}

/** Undefined for a text that is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?1\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?$/.exec(text);
  return match ? { minor: Number(match[1]), patch: Number(match[2]), isUnstable: match[3] !== undefined } : undefined;
}

const isBelow = (a: Version, b: Version): boolean => a.minor < b.minor || (a.minor === b.minor && a.patch < b.patch);

/** The oldest control plane that kubeadm v1.34 looks after. */
const oldestMinor = 33;
const kubeletSkew = 3;

/** What forbids it, for good or unless `--force` is given. */
export function skewErrors({ cluster, kubeadm, kubelets, wanted }: Skew): { readonly mandatory: string[]; readonly skippable: string[] } {
  const mandatory: string[] = [];
  const skippable: string[] = [];
  const [next, now, own] = [parseVersion(wanted)!, parseVersion(cluster)!, parseVersion(kubeadm)!];
  const enforce = (text: string): number => (next.isUnstable ? skippable : mandatory).push(text);
  if (next.minor < oldestMinor)
    mandatory.push(
      `Specified version to upgrade to "${wanted}" is equal to or lower than the minimum supported version "v1.${oldestMinor}.0". Please specify a higher version to upgrade to`,
    );
  if (next.minor > now.minor + 1)
    enforce(`Specified version to upgrade to "${wanted}" is too high; kubeadm can upgrade only 1 minor version at a time`);
  if (next.minor < now.minor - 1)
    enforce(`Specified version to downgrade to "${wanted}" is too low; kubeadm can downgrade only 1 minor version at a time`);
  if (isBelow(own, next)) {
    if (next.minor > own.minor)
      enforce(
        `Specified version to upgrade to "${wanted}" is at least one minor release higher than the kubeadm minor release (${next.minor} > ${own.minor}). Such an upgrade is not supported`,
      );
    else
      skippable.push(
        `Specified version to upgrade to "${wanted}" is higher than the kubeadm version "${kubeadm}". Upgrade kubeadm first using the tool you used to install kubeadm`,
      );
  }
  if (own.minor > next.minor) skippable.push(`Kubeadm version ${kubeadm} can only be used to upgrade to Kubernetes version 1.${own.minor}`);
  if (next.isUnstable)
    skippable.push(
      `Specified version to upgrade to "${wanted}" is an unstable version and such upgrades weren't allowed via setting the --allow-*-upgrades flags`,
    );
  const old = [...new Set(kubelets)].filter((version) => next.minor > (parseVersion(version)?.minor ?? 0) + kubeletSkew);
  if (old.length > 0) skippable.push(`There are kubelets in this cluster that are too old that have these versions [${old.join(' ')}]`);
  return { mandatory, skippable };
}
