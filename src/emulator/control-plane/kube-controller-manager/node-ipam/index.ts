/** Gives every Node a part of --cluster-cidr for its Pods (pkg/controller/nodeipam, range allocator). */
import { nodes } from '../../../api/core/node.ts';
import type { Call } from '../../../kernel/index.ts';
import { isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';
import { aboutNode } from '../node-subject.ts';
import { CIDRSet } from './cidr-set.ts';

export const nodeIPAMController: Controller = {
  name: 'node-ipam-controller',
  start(context) {
    const { clusterCIDR, serviceCIDR, nodeCIDRMaskSize } = context.settings;
    if (clusterCIDR === '') return;
    const client = context.client('node-controller');
    const recorder = context.recorder(client, 'cidrAllocator');
    const set = new CIDRSet(clusterCIDR, nodeCIDRMaskSize);
    if (serviceCIDR !== '') set.occupy(serviceCIDR);
    /** Nodes that got nothing: each is tried again when another one gives its block back. */
    const waiting = new Set<string>();
    const informer = context.informers.for(nodes);
    const queue = context.queue({ name: 'node-ipam', reconcile, workers: 1 });
    informer.onChange(({ type, object }) => {
      const cidr = object.spec?.podCIDR;
      if (type === 'DELETED') {
        if (cidr) set.release(cidr);
        waiting.delete(object.metadata.name);
        for (const name of waiting) queue.add(name);
        waiting.clear();
      } else if (cidr) set.occupy(cidr);
      else queue.add(object.metadata.name);
    });

    function* reconcile(name: string): Call<void> {
      const node = informer.get(name);
      if (!node || node.spec?.podCIDR) return;
      const podCIDR = set.allocate();
      if (podCIDR === undefined) {
        waiting.add(name);
        recorder.normal(aboutNode(node), 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
        return;
      }
      try {
        yield* client.patch(
          nodes,
          { name },
          { type: 'application/strategic-merge-patch+json', body: { spec: { podCIDR, podCIDRs: [podCIDR] } } },
        );
      } catch (error) {
        set.release(podCIDR);
        if (!isNotFound(error)) throw error;
      }
    }
  },
};
