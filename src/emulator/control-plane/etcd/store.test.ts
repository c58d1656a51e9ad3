import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventLoop, Kernel, Random, Trace, WallClock } from '../../kernel/index.ts';
import { EtcdData } from './store.ts';
import type { Change } from './keyspace.ts';

function createData(): { data: EtcdData; kernel: Kernel; advance: (ms: number) => void } {
  const loop = new EventLoop();
  const kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) });
  return { data: new EtcdData(kernel), kernel, advance: (ms) => void loop.run({ untilMs: loop.now + ms }) };
}

interface Step {
  readonly op: 'put' | 'delete' | 'deliver';
  readonly directory: string;
  readonly name: string;
}

const steps = fc.array(
  fc.record<Step>({
    op: fc.constantFrom('put', 'put', 'put', 'delete', 'deliver'),
    directory: fc.constantFrom('a/', 'b/', 'a-b/'),
    name: fc.constantFrom('x', 'y', 'z'),
  }),
  { maxLength: 60 },
);

/** What a map of full keys does: the model of the store. */
type Model = Map<string, number>;

const keysOf = (model: Model): string[] => [...model.keys()].sort();

function apply(model: Model, { current, previous }: Change): void {
  const key = (current ?? previous)!;
  if (current) model.set(key.directory + key.name, (current.value as { n: number }).n);
  else model.delete(key.directory + key.name);
}

describe('the store', () => {
  test('agrees with a map, at every revision, for readers and watchers', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { data, advance } = createData();
        const keyspace = data.keyspace('/registry/things/');
        const history: Model[] = [];
        const model: Model = new Map();
        const watched: Model = new Map();
        keyspace.watch({ onChange: (change) => apply(watched, change) }, data.revision);
        history[data.revision] = new Map();
        list.forEach(({ op, directory, name }, n) => {
          const key = directory + name;
          if (op === 'deliver') {
            advance(5);
            return;
          }
          if (op === 'put') model.set(key, n);
          else model.delete(key);
          data.txn({
            compare: [],
            success: [
              op === 'put' ? { type: 'put', keyspace, directory, name, value: { n } } : { type: 'delete', keyspace, directory, name },
            ],
          });
          history[data.revision] = new Map(model);
        });
        expect(keyspace.list().map((kv) => kv.directory + kv.name)).toEqual(keysOf(model));
        advance(5);
        expect(watched).toEqual(model);
        history.forEach((then, revision) => {
          const found = keyspace.listAt(revision)!;
          expect(found.map((kv) => kv.directory + kv.name)).toEqual(keysOf(then));
          expect(found.map((kv) => (kv.value as { n: number }).n)).toEqual(keysOf(then).map((key) => then.get(key)));
          // A watch from any revision leads from the list of then to the list of now.
          const late: Model = new Map(then);
          keyspace.watch({ onChange: (change) => apply(late, change) }, revision);
          advance(5);
          expect(late).toEqual(model);
        });
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  test('counts revisions, versions and the revision of creation', () => {
    const { data } = createData();
    const keyspace = data.keyspace('/registry/things/');
    const put = (): unknown => data.txn({ compare: [], success: [{ type: 'put', keyspace, directory: '', name: 'x', value: {} }] });
    put();
    put();
    expect(keyspace.get('', 'x')).toMatchObject({ createRevision: 2, modRevision: 3, version: 2 });
    data.txn({ compare: [], success: [{ type: 'delete', keyspace, directory: '', name: 'x' }] });
    put();
    expect(keyspace.get('', 'x')).toMatchObject({ createRevision: 5, modRevision: 5, version: 1 });
  });

  test('writes only when the comparison holds', () => {
    const { data } = createData();
    const keyspace = data.keyspace('/registry/things/');
    const at = { keyspace, directory: '', name: 'x' };
    const put = (modRevision: number): boolean =>
      data.txn({ compare: [{ ...at, modRevision }], success: [{ type: 'put', ...at, value: {} }] }).succeeded;
    expect([put(0), put(0), put(2), put(2)]).toEqual([true, false, true, false]);
    expect(data.revision).toBe(3);
  });

  test('forgets what is compacted', () => {
    const { data, advance } = createData();
    const keyspace = data.keyspace('/registry/things/');
    for (const name of ['a', 'b', 'c']) data.txn({ compare: [], success: [{ type: 'put', keyspace, directory: '', name, value: {} }] });
    advance(5);
    expect(data.compact(3)).toBe(true);
    expect([data.compact(3), data.compact(9)]).toEqual([false, false]);
    expect(keyspace.watch({ onChange: () => undefined }, 2)).toBeUndefined();
    expect(keyspace.listAt(2)).toBeUndefined();
    expect(keyspace.listAt(3)!.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('keeps what watchers wrote until it was offered, however little it retains', () => {
    const { data, advance } = createData();
    const keyspace = data.keyspace('/registry/things/', { retain: 2 });
    const put = (name: string): unknown => data.txn({ compare: [], success: [{ type: 'put', keyspace, directory: '', name, value: {} }] });
    const seen: string[] = [];
    const onChange = ({ current }: Change): void => {
      seen.push(current!.name);
      if (current!.name.length === 1) put(`${current!.name}${current!.name}`);
    };
    keyspace.watch({ onChange }, data.revision);
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) put(name);
    advance(5);
    expect(seen).toEqual([...names, ...names.map((name) => name + name)]);
  });

  test('offers a routed watcher the changes of its value only', () => {
    const { data, advance } = createData();
    const keyspace = data.keyspace('/registry/pods/');
    keyspace.addIndex('node', (value) => (value as { node?: string }).node);
    const seen: string[] = [];
    keyspace.watch({ onChange: ({ current }) => void seen.push(JSON.stringify(current?.value ?? 'deleted')) }, data.revision, {
      index: 'node',
      value: 'n1',
    });
    const put = (name: string, node?: string): unknown =>
      data.txn({ compare: [], success: [{ type: 'put', keyspace, directory: '', name, value: { node } }] });
    put('a');
    put('a', 'n1');
    put('b', 'n2');
    put('a', 'n2');
    data.txn({ compare: [], success: [{ type: 'delete', keyspace, directory: '', name: 'a' }] });
    advance(5);
    expect(seen).toEqual(['{"node":"n1"}', '{"node":"n2"}']);
  });

  test('removes keys when their lease is over', () => {
    const { data, advance } = createData();
    const keyspace = data.keyspace('/registry/events/');
    data.leases.setPrimary((id) => data.revoke(id));
    const lease = data.leases.grant(3_600_000);
    data.txn({ compare: [], success: [{ type: 'put', keyspace, directory: '', name: 'e', value: {}, lease }] });
    advance(3_600_000 - 1);
    expect(keyspace.size).toBe(1);
    advance(70_000);
    expect(keyspace.size).toBe(0);
  });
});
