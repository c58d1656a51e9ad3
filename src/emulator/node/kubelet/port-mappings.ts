import type { Pod } from '../../api/generated/types.ts';
import type { PortMapping } from '../network/index.ts';

/** Ports of the node that a Pod asks for; undefined where it asks for none. */
export function portMappings({ spec }: Pod): readonly PortMapping[] | undefined {
  const found: PortMapping[] = [];
  for (const { ports } of [...(spec.initContainers ?? []), ...spec.containers])
    for (const { hostPort, containerPort, protocol = 'TCP', hostIP } of ports ?? [])
      if (hostPort) found.push({ hostPort, containerPort, protocol: protocol as PortMapping['protocol'], hostIP });
  return found.length > 0 ? found : undefined;
}
