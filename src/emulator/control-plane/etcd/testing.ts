/** A group of etcd processes on a network of their own. */
import type { Call, Process } from '../../kernel/index.ts';
import { createMachine, EventLoop, FdTable, FileSystem, Kernel, OpenFile, Random, Trace, WallClock } from '../../kernel/index.ts';
import type { ByteString, Machine } from '../../kernel/index.ts';
import type { EtcdMember } from './member.ts';
import { etcd } from './program.ts';

class Sink extends OpenFile {
  text = '';
  override read(): ByteString {
    return '' as ByteString;
  }
  override write(data: ByteString): number {
    this.text += data;
    return data.length;
  }
}

/** The room of the network, which this one does not import. */
interface Wire<Node> {
  addNode(place: { readonly name: string; readonly ip: string }): Node & { readonly namespace: Machine['net'] };
  setCut(a: Node, b: Node, isCut: boolean): void;
}

interface Place<Node> {
  readonly name: string;
  readonly ip: string;
  readonly node: Node & { readonly namespace: Machine['net'] };
  readonly machine: Machine;
  readonly log: Sink;
  process: Process | undefined;
  code: number | undefined;
}

export class EtcdGroup<Node> {
  readonly kernel: Kernel;
  readonly places: Place<Node>[] = [];
  readonly #wire: Wire<Node>;

  constructor(createWire: (kernel: Kernel) => Wire<Node>, size: number, seed = 1) {
    const loop = new EventLoop();
    this.kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(seed), trace: new Trace(loop) });
    this.#wire = createWire(this.kernel);
    for (let i = 0; i < size; i++) this.#addPlace();
    const initial = this.places.map(({ name, ip }) => `${name}=https://${ip}:2380`).join(',');
    for (const i of this.places.keys()) this.start(i, [`--initial-cluster=${initial}`]);
  }

  #addPlace(): Place<Node> {
    const i = this.places.length;
    const [name, ip] = [`m${i + 1}`, `172.18.0.${i + 2}`];
    const node = this.#wire.addNode({ name, ip });
    const fs = new FileSystem(() => this.kernel.loop.now);
    const machine = createMachine({ hostname: name, id: name, fs, net: node.namespace });
    const place: Place<Node> = { name, ip, node, machine, log: new Sink(), process: undefined, code: undefined };
    this.places.push(place);
    return place;
  }

  /** Starts a member on a machine of its own that the group knows already. */
  join(initial: string): number {
    this.#addPlace();
    const i = this.places.length - 1;
    this.start(i, [`--initial-cluster=${initial}`, '--initial-cluster-state=existing']);
    return i;
  }

  start(i: number, flags: readonly string[] = []): void {
    const place = this.places[i]!;
    const fds = new FdTable();
    fds.set(1, place.log);
    fds.set(2, place.log);
    place.process = this.kernel.spawn({
      program: etcd,
      machine: place.machine,
      fds,
      background: true,
      onExit: ({ code }) => {
        place.code = code;
        place.process = undefined;
      },
      argv: [
        'etcd',
        `--name=${place.name}`,
        '--data-dir=/var/lib/etcd',
        `--advertise-client-urls=https://${place.ip}:2379`,
        `--initial-advertise-peer-urls=https://${place.ip}:2380`,
        `--listen-client-urls=https://127.0.0.1:2379,https://${place.ip}:2379`,
        `--listen-peer-urls=https://${place.ip}:2380`,
        '--listen-metrics-urls=http://127.0.0.1:2381',
        '--snapshot-count=10',
        ...flags,
      ],
    });
  }

  kill(i: number): void {
    const { machine, process } = this.places[i]!;
    this.kernel.kill(machine, process!.pid, 'KILL');
  }

  cut(a: number, b: number, isCut = true): void {
    this.#wire.setCut(this.places[a]!.node, this.places[b]!.node, isCut);
  }

  advance(ms: number): void {
    this.kernel.loop.run({ untilMs: this.kernel.loop.now + ms });
  }

  /** The process that serves there. */
  member(i: number): EtcdMember {
    const listener = this.places[i]!.machine.net.listeners.find(({ address }) => address.port === 2379);
    return (listener as unknown as { readonly service: { readonly endpoint: EtcdMember } }).service.endpoint;
  }

  get leader(): number {
    return this.places.findIndex(({ process }, i) => process !== undefined && this.member(i).status().isLeader);
  }

  /** Runs a call to its end and returns what came of it: a value, or the message of what it threw, and how long it took. */
  ask<T>(call: () => Call<T>, limitMs = 60_000): { value?: T; error?: string; ms: number } {
    const { loop } = this.kernel;
    const since = loop.now;
    const outcome: { value?: T; error?: string; ms: number } = { ms: -1 };
    this.kernel.fiber(
      (function* () {
        try {
          outcome.value = yield* call();
        } catch (error) {
          outcome.error = (error as Error).message;
        }
        outcome.ms = loop.now - since;
      })(),
    );
    while (outcome.ms < 0 && loop.now - since < limitMs) loop.run({ untilMs: Math.min(loop.nextDueMs!, since + limitMs) });
    return outcome;
  }

  put(i: number, key: string, value = 'v'): { error?: string; ms: number } {
    const member = this.member(i);
    return this.ask(() => member.txn({ compare: [], success: [{ type: 'put', ...member.data.locate(key), value: { raw: value } }] }));
  }

  /** What a linearizable read of a key finds there. */
  get(i: number, key: string): string | undefined {
    const member = this.member(i);
    const { error } = this.ask(() => member.linearizable());
    const { keyspace, directory, name } = member.data.locate(key);
    return error ?? (keyspace.get(directory, name)?.value as { raw: string } | undefined)?.raw;
  }
}
