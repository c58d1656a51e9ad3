/** What a Pod with resource claims is told, against the in-memory API server: no driver publishes devices here. */
import { describe, expect, test } from 'vitest';
import { deviceClasses } from '../../../../api/resource/device-class.ts';
import { resourceClaims } from '../../../../api/resource/resource-claim.ts';
import type { SchedulerTest } from '../../testing.ts';
import { createSchedulerTest } from '../../testing.ts';

const apiVersion = 'resource.k8s.io/v1';
const claim = { spec: { resourceClaims: [{ name: 'gpu', resourceClaimName: 'gpu' }] } };
const noHelp = 'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.';

function addClass(t: SchedulerTest): void {
  t.run(t.client.create(deviceClasses, { apiVersion, kind: 'DeviceClass', metadata: { name: 'gpu.example.com' }, spec: {} }));
}

function addClaim(t: SchedulerTest, request: object = { exactly: { deviceClassName: 'gpu.example.com' } }): void {
  const metadata = { name: 'gpu', namespace: 'default' };
  const spec = { devices: { requests: [{ name: 'one', ...request }] } };
  t.run(t.client.create(resourceClaims, { apiVersion, kind: 'ResourceClaim', metadata, spec } as never));
}

function allocate(t: SchedulerTest, node: string, reservedFor?: readonly object[]): void {
  const nodeSelector = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] };
  const found = t.run(t.client.get(resourceClaims, { namespace: 'default', name: 'gpu' }));
  t.run(t.client.updateStatus(resourceClaims, { ...found, status: { allocation: { devices: {}, nodeSelector }, reservedFor } } as never));
}

describe('a Pod with a claim', () => {
  test.each<{ name: string; prepare(t: SchedulerTest): void; want: string | undefined }>([
    { name: 'that is not there waits outside of the queue, without a word', prepare: () => {}, want: undefined },
    {
      name: 'for a class that is not there',
      prepare: (t) => addClaim(t),
      want: `0/2 nodes are available: request one: device class gpu.example.com does not exist. no new claims to deallocate, ${noHelp}`,
    },
    {
      name: 'that would take the first of several',
      prepare: (t) => addClaim(t, { firstAvailable: [{ name: 'big', deviceClassName: 'huge.example.com' }] }),
      want: `0/2 nodes are available: request one/big: device class huge.example.com does not exist. no new claims to deallocate, ${noHelp}`,
    },
    {
      name: 'for which there is no device',
      prepare(t) {
        addClass(t);
        addClaim(t);
      },
      want: `0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, ${noHelp}`,
    },
    {
      name: 'that is allocated elsewhere',
      prepare(t) {
        addClaim(t);
        allocate(t, 'gone', [{ resource: 'pods', name: 'other', uid: 'x' }]);
      },
      want: `0/2 nodes are available: 2 resourceclaim not available on the node. still not schedulable, ${noHelp}`,
    },
  ])('$name', ({ prepare, want }) => {
    const t = createSchedulerTest({ a: {}, b: {} });
    prepare(t);
    t.addPod('p', claim.spec);
    t.settle();
    expect(t.verdict('p')).toBe(want);
    expect(t.eventsOf('p')).toEqual(want === undefined ? [] : [`Warning FailedScheduling ${want}`]);
  });

  test('takes an allocation back that nobody uses and that keeps it off nodes', () => {
    const t = createSchedulerTest({ a: {}, b: {} });
    addClass(t);
    addClaim(t);
    allocate(t, 'gone');
    t.addPod('p', claim.spec);
    t.settle();
    const elsewhere = '2 resourceclaim not available on the node. deallocation of ResourceClaim completed';
    expect(t.eventsOf('p')).toContain(`Warning FailedScheduling 0/2 nodes are available: ${elsewhere}, ${noHelp}`);
    expect(t.run(t.client.get(resourceClaims, { namespace: 'default', name: 'gpu' })).status?.allocation).toBeUndefined();
    expect(t.verdict('p')).toBe(`0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, ${noHelp}`);
  });

  test('goes where it is allocated, once it is', () => {
    const t = createSchedulerTest({ a: {}, b: {} });
    t.addPod('p', claim.spec);
    t.settle();
    addClass(t);
    addClaim(t);
    t.settle();
    expect(t.pod('p').spec.nodeName).toBeUndefined();
    allocate(t, 'b');
    t.settle();
    expect(t.pod('p').spec.nodeName).toBe('b');
  });
});
