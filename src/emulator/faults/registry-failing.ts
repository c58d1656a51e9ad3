import { defineFault } from './fault.ts';
import { choice, name, span } from './parameters.ts';

export const registryFailing = defineFault({
  name: 'registry-failing',
  cause:
    'An image registry outside of the cluster does not answer, or lets nobody pull any more who has no account; for a time, or for good.',
  symptoms:
    'Pods that need an image which their node does not have are in `ErrImagePull` and `ImagePullBackOff`: `dial tcp …:443: i/o timeout`, or `429 Too Many Requests … toomanyrequests: You have reached your unauthenticated pull rate limit`. `crictl pull` on the node says the same. What runs, runs on, and starts again from images that are there.',
  mend: 'Wait until it is over; or pull from another registry (`image:`), or let what is there do (`imagePullPolicy: IfNotPresent`). To delete the Pods changes nothing.',
  parameters: {
    registry: name('which one', 'docker.io'),
    mode: choice('how it fails', ['unreachable', 'rate-limited'], 'unreachable'),
    lasts: span('how long; 0s for good', '0s'),
  },
  showsAfterMs: 10_000,
  *inject({ registry, kernel }, { registry: domain, mode, lasts }) {
    registry.fail(domain, mode);
    if (lasts > 0) kernel.loop.after(lasts, () => registry.fail(domain, undefined), undefined, true);
  },
});
