/**
 * Two equal clusters: one whose own kubectl is asked, and one that is served to the real kubectl. Virtual time stands still
 * between commands and is the same for both when one begins.
 */
import { dirname } from 'node:path';
import { createCluster } from '../../src/emulator/cluster/index.ts';
import type { Kernel, Machine } from '../../src/emulator/kernel/index.ts';
import { utf8 } from '../../src/emulator/kernel/index.ts';
import type { CertificateAuthority } from '../../src/emulator/machinery/x509/index.ts';
import type { Dial, ServedCluster } from '../../src/cli/serve/index.ts';
import { dialThrough, kubeconfigFor, serveCluster } from '../../src/cli/serve/index.ts';
import { fetchHostData } from '../../src/lab/host-data.ts';
import { createTestCluster, runKubectl, testKubeconfig } from '../../src/terminal/kubectl/testing.ts';
import { programs as machinePrograms } from '../../src/terminal/programs.ts';
import { programs } from '../../src/terminal/shell/programs/index.ts';
import type { Area } from './area.ts';
import { modeOf } from './area.ts';
import type { Result } from './real-kubectl.ts';

/** Real clients judge ages by their own clock, so the clusters live today. */
const epochMs = Math.floor(Date.now() / 60_000) * 60_000 - 300_000;

/** Real milliseconds without a request after which the real kubectl is no longer busy but waits, and how often that is looked at. */
const patienceMs = 600;
const lookMs = 50;

interface Side {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly authority: CertificateAuthority;
  readonly dial: Dial;
  readonly kubeconfig: string;
}

/** Only an API server: no nodes, no controllers. */
function controlPlane(): Side {
  const { control, machine, authority, certificate } = createTestCluster({ programs });
  const { endpoint, kernel } = control;
  const line = { handler: endpoint.http, ip: '172.18.0.1', port: 40_000, onClose() {}, close() {} };
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const kubeconfig = testKubeconfig
    .replace('    server:', `    certificate-authority-data: ${encode(authority.certificate.pem)}\n    server:`)
    .replace('user: {}', `user: {client-certificate-data: ${encode(certificate.pem)}, client-key-data: ${encode(certificate.key!.pem)}}`);
  return {
    kernel,
    machine,
    authority,
    kubeconfig,
    *dial() {
      return line;
    },
  };
}

function booted(): Side {
  const cluster = createCluster({ nodes: 2, seed: 7, programs: machinePrograms, epochMs });
  const { kernel, pki, outside, apiServer } = cluster;
  const machine = cluster.machine('control-plane')!;
  kernel.hostData.offer('field-docs');
  kernel.loop.run({ untilMs: 120_000 });
  return {
    kernel,
    machine,
    authority: pki.authority,
    dial: dialThrough(outside, apiServer),
    kubeconfig: machine.fs.readFile('/etc/kubernetes/admin.conf'),
  };
}

/** The same connections, and a count of what is asked on them. */
function counting(dial: Dial, asked: { requests: number }): Dial {
  return function* () {
    const line = yield* dial();
    const handler: typeof line.handler = (...request) => {
      asked.requests++;
      return line.handler(...request);
    };
    return { ...line, handler };
  };
}

export class Pair {
  readonly ours: Side;
  readonly theirs: Side;
  readonly #served: ServedCluster;
  readonly #asked: { requests: number };

  private constructor(ours: Side, theirs: Side, served: ServedCluster, asked: { requests: number }) {
    this.ours = ours;
    this.theirs = theirs;
    this.#served = served;
    this.#asked = asked;
  }

  static async create({ cluster, files }: Area): Promise<Pair> {
    const make = cluster === 'nodes' ? booted : controlPlane;
    const [ours, theirs] = [make(), make()];
    ours.machine.fs.mkdirs('/root/bin');
    for (const [name, text] of Object.entries(files)) {
      ours.machine.fs.mkdirs(dirname(`/root/${name}`));
      ours.machine.fs.writeFile(`/root/${name}`, utf8(text), modeOf(name));
    }
    const fail = (error: unknown): never => {
      throw error;
    };
    const { kernel, authority } = theirs;
    const asked = { requests: 0 };
    const dial = counting(theirs.dial, asked);
    const served = await serveCluster({ kernel, authority, dial, speed: 'held', fetch: fetchHostData, onCrash: fail, onFault: fail });
    return new Pair(ours, theirs, served, asked);
  }

  get url(): string {
    return this.#served.url;
  }

  /** What the real kubectl connects with. */
  get kubeconfig(): string {
    return kubeconfigFor(this.theirs.kubeconfig, this.url);
  }

  /** Runs our kubectl to its end. */
  run(args: readonly string[]): Result {
    return runKubectl(this.ours.kernel, this.ours.machine, args);
  }

  /**
   * While the real kubectl runs. One that has asked and asks no more waits for something, and then the clock has to go on; how
   * long it takes to start says nothing.
   */
  async serving<T>(running: Promise<T>): Promise<T> {
    const { pace } = this.#served;
    const asked = this.#asked;
    asked.requests = 0;
    let [seen, quietMs] = [0, 0];
    const timer = setInterval(() => {
      quietMs = asked.requests === seen ? quietMs + lookMs : 0;
      seen = asked.requests;
      if (seen > 0 && quietMs >= patienceMs) pace.speed = 1;
    }, lookMs);
    try {
      return await running;
    } finally {
      clearInterval(timer);
      pace.speed = 'held';
    }
  }

  /** Both clusters stand at the same moment, a full second at least one second on. */
  advance(ms = 1000): void {
    const loops = [this.ours, this.theirs].map(({ kernel }) => kernel.loop);
    const next = Math.max(...loops.map(({ now }) => now)) + ms;
    for (const loop of loops) loop.run({ untilMs: Math.ceil(next / 1000) * 1000 });
  }

  /** Lets both run until only periodic work is left. */
  settle(): void {
    for (const { kernel } of [this.ours, this.theirs]) kernel.loop.run({ untilSettled: true, untilMs: kernel.loop.now + 600_000 });
    this.advance();
  }

  close(): Promise<void> {
    return this.#served.close();
  }
}
