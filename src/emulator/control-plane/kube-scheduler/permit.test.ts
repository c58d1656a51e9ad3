/** Permit: Pods that wait on their node for the permission of a plugin. The plugin here lets Pods go only as a whole gang. */
import { describe, expect, test } from 'vitest';
import { pods } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import { parseConfiguration } from './configuration/load.ts';
import type { PluginFactory } from './framework.ts';
import { rejection } from './framework.ts';
import type { SchedulerTest, TestNode } from './testing.ts';
import { createSchedulerTest, requests } from './testing.ts';

const waitMs = 10_000;
const gangOf = ({ metadata }: Pod): string | undefined => metadata.labels?.gang;

interface Scene {
  readonly t: SchedulerTest;
  /** Pods that were taken off their node again, in their order. */
  readonly unreserved: readonly string[];
  add(name: string, labels?: Readonly<Record<string, string>>, spec?: object): void;
  advance(ms: number): void;
  /** The Pods that have a node. */
  bound(): readonly string[];
}

/** A gang waits until `gangSize` of its Pods have a node each; one that is labelled `traitor` ends it for all of them. */
function begin(nodes: Readonly<Record<string, TestNode>>, gangSize = 3): Scene {
  const unreserved: string[] = [];
  const gang: PluginFactory = {
    name: 'Gang',
    points: ['reserve', 'permit'],
    make: (_, { waiting }) => ({
      name: 'Gang',
      unreserve: ({ pod }) => void unreserved.push(pod.metadata.name),
      permit({ pod }) {
        const name = gangOf(pod);
        if (!name) return undefined;
        const others = [...waiting.values()].filter((other) => gangOf(other.pod) === name);
        if (pod.metadata.labels?.traitor) {
          for (const other of others) other.reject('Gang', 'the gang is off');
          return rejection('Gang', 'no traitors');
        }
        if (others.length + 1 < gangSize) return { waitMs };
        for (const other of others) other.allow('Gang');
        return undefined;
      },
      wakes: { 'AssignedPod/Add': true, 'AssignedPod/Delete': true },
    }),
  };
  const configuration = parseConfiguration(
    'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n- plugins:\n    multiPoint:\n      enabled:\n      - name: Gang\n',
  );
  const t = createSchedulerTest(nodes, { configuration, plugins: [gang] });
  return {
    t,
    unreserved,
    add(name, labels = { gang: 'a' }, spec = requests('1')) {
      t.addPod(name, spec, { labels });
    },
    advance: (ms) => void t.kernel.loop.run({ untilMs: t.kernel.loop.now + ms }),
    bound: () =>
      t.run(t.client.list(pods, { namespace: 'default' })).items.flatMap(({ metadata, spec }) => (spec.nodeName ? [metadata.name] : [])),
  };
}

const timedOut = '0/1 nodes are available: 1 rejected due to timeout after waiting 10s at plugin Gang.';

describe('a Pod that waits for a permission', () => {
  test('is bound with the others of its gang, and with nobody before', () => {
    const { t, add, advance, bound } = begin({ a: {}, b: {} });
    add('one');
    add('two');
    add('alone', {}, requests('100m'));
    advance(5000);
    expect(bound()).toEqual(['alone']);
    expect(t.eventsOf('one')).toEqual([]);
    add('three');
    advance(1000);
    expect(bound()).toEqual(['alone', 'one', 'three', 'two']);
    t.settle();
    expect(t.eventsOf('one')).toEqual([expect.stringMatching(/^Normal Scheduled Successfully assigned default\/one to [ab]$/)]);
  });

  test('counts on its node meanwhile, and gives the room back when its time is over', () => {
    const { t, unreserved, add, advance, bound } = begin({ a: {} });
    add('one');
    add('two');
    advance(5000);
    t.addPriorityClass('patient', 0, 'Never');
    add('late', {}, { ...requests('3'), priorityClassName: 'patient' });
    advance(2000);
    expect(t.verdict('late')).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
    );
    advance(3500);
    expect(unreserved).toEqual(['one', 'two']);
    for (const name of ['one', 'two']) expect(t.eventsOf(name)).toContain(`Warning FailedScheduling ${timedOut}`);
    advance(5000);
    expect(bound()).toEqual(['late']);
  });

  test('is rejected by the plugin, and tried again when something happens that the plugin waits for', () => {
    const { t, add, advance, bound } = begin({ a: {} }, 2);
    add('one');
    advance(100);
    add('judas', { gang: 'a', traitor: 'yes' });
    advance(100);
    expect(t.verdict('one')).toBe('0/1 nodes are available: 1 the gang is off.');
    expect(t.verdict('judas')).toBe('0/1 nodes are available: 1 no traitors.');
    t.deletePod('judas');
    add('two');
    add('alone', {}, requests('100m'));
    advance(3000);
    expect(bound()).toEqual(['alone', 'one', 'two']);
  });

  test('leaves its room when it is deleted', () => {
    const { t, add, advance } = begin({ a: {} });
    add('one', { gang: 'a' }, requests('3'));
    advance(100);
    t.addPriorityClass('patient', 0, 'Never');
    add('late', {}, { ...requests('3'), priorityClassName: 'patient' });
    advance(100);
    t.deletePod('one');
    advance(3000);
    expect(t.pod('late').spec.nodeName).toBe('a');
  });

  test('is sent back and not deleted where a more important one needs its room', () => {
    const { t, add, advance } = begin({ a: {} });
    t.addPriorityClass('high', 1000);
    add('one', { gang: 'a' }, requests('3'));
    advance(100);
    add('first', {}, { ...requests('3'), priorityClassName: 'high' });
    advance(3000);
    expect(t.pod('first').spec.nodeName).toBe('a');
    expect(t.pod('one').spec.nodeName).toBeUndefined();
    const uid = t.pod('first').metadata.uid;
    expect(t.eventsOf('one')).toContain(`Normal Preempted Preempted by pod ${uid} on node a`);
    expect(t.eventsOf('one')).toContain('Warning FailedScheduling 0/1 nodes are available: 1 preempted.');
  });

  test('waits no longer than the scheduler that made it wait', () => {
    const { t, add, advance } = begin({ a: {} });
    add('one');
    advance(100);
    t.scheduler.stop();
    advance(60_000);
    expect(t.eventsOf('one')).toEqual([]);
  });
});
