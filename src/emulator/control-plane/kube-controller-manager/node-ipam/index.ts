/** Gives every Node a part of --cluster-cidr for its Pods (pkg/controller/nodeipam, range allocator). */
import { nodes } from '../../../api/core/node.ts';
import type { Call } from '../../../kernel/index.ts';
import { isIPv6Text } from '../../../machinery/ipv6.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import { aboutNode } from '../node-subject.ts';
import { CIDRSet } from './cidr-set.ts';

export const nodeIPAMController: Controller = {
  name: 'node-ipam-controller',
  start(context) {
    const { clusterCIDR, serviceCIDR, nodeCIDRMaskSize, nodeCIDRMaskSizeIPv6 } = context.settings;
    if (clusterCIDR === '') return;
    const client = context.client('node-controller');
    const recorder = context.recorder(client, 'cidrAllocator');
    /** One of each family, in the order of the flag. */
    const sets = clusterCIDR.split(',').map((range) => new CIDRSet(range, isIPv6Text(range) ? nodeCIDRMaskSizeIPv6 : nodeCIDRMaskSize));
    const occupy = (ranges: readonly string[]): void => {
      for (const set of sets) for (const range of ranges) set.occupy(range);
    };
    const release = (ranges: readonly string[]): void => {
      for (const set of sets) for (const range of ranges) set.release(range);
    };
    occupy(serviceCIDR.split(','));
    /** Nodes that got nothing: each is tried again when another one gives its block back. */
    const waiting = new Set<string>();
    const informer = context.informers.for(nodes);
    const queue = context.queue({ name: 'node-ipam', reconcile, workers: 1 });
    informer.onChange(({ type, object }) => {
      const cidrs = object.spec?.podCIDRs ?? [];
      if (type === 'DELETED') {
        release(cidrs);
        waiting.delete(object.metadata.name);
        for (const name of waiting) queue.add(name);
        waiting.clear();
      } else if (cidrs.length > 0) occupy(cidrs);
      else queue.add(object.metadata.name);
    });

    function* reconcile(name: string): Call<void> {
      const node = informer.get(name);
      if (!node || node.spec?.podCIDR) return;
      const podCIDRs = sets.flatMap((set) => set.allocate() ?? []);
      if (podCIDRs.length < sets.length) {
        release(podCIDRs);
        waiting.add(name);
        recorder.normal(aboutNode(node), 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
        return;
      }
      try {
        yield* client.patch(
          nodes,
          { name },
          { type: 'application/strategic-merge-patch+json', body: { spec: { podCIDR: podCIDRs[0], podCIDRs } } },
        );
      } catch (error) {
        release(podCIDRs);
        if (!isNotFound(error)) throw error;
      }
    }
  },
};
