/** ServiceCIDRs: says that they are ready, and keeps them until no Service has an address of theirs (pkg/controller/servicecidrs). */
import type { IPAddress, ServiceCIDR } from '../../../api/generated/types.ts';
import { ipAddresses } from '../../../api/networking/ip-address.ts';
import { serviceCIDRs } from '../../../api/networking/service-cidr.ts';
import { isStrictSubset } from '../../../api/networking/cidr.ts';
import type { Call } from '../../../kernel/index.ts';
import { isIPv6Text } from '../../../machinery/ipv6.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
const managedBy = 'ipallocator.k8s.io';

/** An API server that does not know yet may still give an address out. */
const deletionGraceMs = 10_000;

const contains = (block: string, address: string): boolean =>
  isStrictSubset(`${address}/${isIPv6Text(address) ? 128 : 32}`, block) ?? false;
const isWithin = (inner: string, outer: string): boolean => inner === outer || (isStrictSubset(inner, outer) ?? false);

export const serviceCIDRsController: Controller = {
  name: 'service-cidr-controller',
  start(context) {
    const { kernel } = context;
    const client = context.client('service-cidrs-controller');
    const blocks = context.informers.for(serviceCIDRs);
    const addresses = context.informers.for(ipAddresses);
    const queue = context.queue({ name: 'servicecidrs', reconcile });
    const terminating = new Set<string>();
    blocks.onChange(({ type, object }) => {
      const { name } = object.metadata;
      if (type === 'DELETED') terminating.delete(name);
      else queue.add(name);
      // One that goes may free others that lie in it, and one that comes may take over its addresses.
      for (const other of terminating) queue.add(other);
    });
    addresses.onChange(({ type }) => {
      if (type === 'DELETED') for (const name of terminating) queue.add(name);
    });

    function* reconcile(name: string): Call<void> {
      const block = blocks.get(name);
      if (!block) return;
      if (block.metadata.deletionTimestamp) yield* terminate(block);
      else yield* welcome(block);
    }

    function* welcome(block: ServiceCIDR): Call<void> {
      const { metadata } = block;
      if (!metadata.finalizers?.includes(finalizer))
        yield* patch(block, { metadata: { finalizers: [...(metadata.finalizers ?? []), finalizer] } });
      if (!block.status?.conditions?.some(({ type }) => type === 'Ready'))
        yield* setReady(block, 'True', '', 'Kubernetes Service CIDR is ready');
    }

    function* terminate(block: ServiceCIDR): Call<void> {
      const { metadata } = block;
      if (!metadata.finalizers?.includes(finalizer)) return;
      if (!terminating.has(metadata.name)) {
        terminating.add(metadata.name);
        yield* setReady(
          block,
          'False',
          'Terminating',
          'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
        );
        queue.addAfter(metadata.name, deletionGraceMs);
        return;
      }
      if (isInUse(block)) return;
      yield* patch(block, { metadata: { finalizers: metadata.finalizers.filter((one) => one !== finalizer) } });
    }

    /** Whether an address would be in no block any more. */
    function isInUse({ metadata, spec }: ServiceCIDR): boolean {
      const others = [...blocks.values()].filter((one) => one.metadata.uid !== metadata.uid && !one.metadata.deletionTimestamp);
      const otherCIDRs = others.flatMap((one) => one.spec?.cidrs ?? []);
      for (const cidr of spec?.cidrs ?? []) {
        if (otherCIDRs.some((other) => isWithin(cidr, other))) continue;
        const isUsed = ({ metadata: address }: IPAddress): boolean =>
          address.labels?.[managedByLabel] === managedBy &&
          contains(cidr, address.name) &&
          !otherCIDRs.some((other) => contains(other, address.name));
        for (const address of addresses.values()) if (isUsed(address)) return true;
      }
      return false;
    }

    function* setReady(block: ServiceCIDR, status: string, reason: string, message: string): Call<void> {
      const condition = { type: 'Ready', status, reason, message, lastTransitionTime: kernel.clock.timestamp() };
      yield* patch(block, { status: { conditions: [condition] } }, 'status');
    }

    function* patch({ metadata }: ServiceCIDR, body: object, subresource?: string): Call<void> {
      try {
        yield* client.patch(serviceCIDRs, metadata, { type: 'application/merge-patch+json', body }, subresource ? { subresource } : {});
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  },
};
