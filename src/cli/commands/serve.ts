import process from 'node:process';
import { Command, Option } from 'commander';
import type { CniChoice } from '../../emulator/cluster/index.ts';
import { cniChoices } from '../../emulator/cluster/index.ts';
import { textOf, utf8 } from '../../emulator/kernel/index.ts';
import { fetchHostData } from '../../lab/host-data.ts';
import { openLab, parseCount } from '../options.ts';
import { directiveHelp, followDirectives, parseSpeed } from '../serve/directives.ts';
import type { ServedCluster, serveCluster } from '../serve/index.ts';
import { checkKubeconfigPath, kubeconfigFor, writeKubeconfig } from '../serve/kubeconfig.ts';
import type { Speed } from '../serve/pace.ts';
import { UsageError } from '../usage-error.ts';
import { writeOutput } from '../write-output.ts';

interface ServeOptions {
  readonly nodes?: number;
  readonly controlPlanes?: number;
  readonly dualStack?: boolean;
  readonly ipv6?: boolean;
  readonly cni?: CniChoice;
  readonly seed?: number;
  readonly port: number;
  readonly kubeconfig: string;
  readonly speed: Speed;
  readonly stdinCommands?: boolean;
}

/** A cluster is this old when it is first served: booting takes some of it, and then its clock shows the time of day. */
const ageMs = 120_000;

export const serve = new Command('serve')
  .description('Serve the Kubernetes API over HTTPS on loopback, for kubectl and any client, and write a kubeconfig')
  .argument('[lab]', "a lab's path; without it, a cluster without tasks")
  .option('--nodes <n>', 'number of workers', parseCount('--nodes', 0, 5000))
  .option('--control-planes <n>', 'number of control planes, with a member of etcd each', parseCount('--control-planes', 1, 7))
  .option('--dual-stack', 'addresses of IPv4 and IPv6 for machines, Pods and Services')
  .option('--ipv6', 'addresses of IPv6 alone')
  .addOption(new Option('--cni <plugin>', 'network plugin').choices(cniChoices))
  .option('--seed <s>', 'seed of the cluster', parseCount('--seed', 0, 2 ** 31 - 1))
  .option('--port <port>', 'port on 127.0.0.1; 0 for any free one', parseCount('--port', 0, 65_535), 6443)
  .option('--kubeconfig <file>', 'where to write the kubeconfig of an administrator', 'labs.kubeconfig')
  .addOption(
    new Option('--speed <speed>', 'how fast virtual time goes: 1, 10, or max, which skips what is only waited for')
      .default(1, '1')
      .argParser(parseSpeed),
  )
  .option('--stdin-commands', 'drive the cluster by directives on standard input')
  .addHelpText('after', `\n${directiveHelp}\n\nSIGINT or SIGTERM end the server.`)
  .action(async (name: string | undefined, options: ServeOptions) => {
    checkKubeconfigPath(options.kubeconfig);
    const { lab } = await openLab(name, options);
    // Read only now: `labs --help` needs none of it.
    const [{ createLabCluster }, { dialThrough, serveCluster }] = await Promise.all([
      import('../../lab/cluster.ts'),
      import('../serve/index.ts'),
    ]);
    const bornMs = Date.now() - ageMs;
    const { emulated: cluster, breaksAfter } = createLabCluster(lab, lab.cluster.seed, bornMs);
    if (breaksAfter.size > 0)
      say(
        2,
        `labs: tasks are not looked at while a lab is served: what breaks after ${[...breaksAfter.keys()].join(', ')} does not break\n`,
      );
    cluster.advance(Math.max(0, Date.now() - bornMs - cluster.nowMs));
    const ended = openEnd();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.resolve());
    const served = await listen(serveCluster, options, {
      kernel: cluster.kernel,
      authority: cluster.pki.authority,
      dial: dialThrough(cluster.outside, cluster.apiServer),
      fetch: fetchHostData,
      onCrash: ended.reject,
      onFault: (error, { method, target }) =>
        // Queries and headers may hold secrets.
        say(2, `labs: internal error in ${method} ${target.split('?')[0]}: ${error instanceof Error ? error.stack : String(error)}\n`),
    });
    try {
      const adminConf = cluster.machine(cluster.nodeNames[0]!)!.fs.readFile('/etc/kubernetes/admin.conf');
      writeKubeconfig(options.kubeconfig, kubeconfigFor(textOf(adminConf), served.url));
      say(1, `serving ${cluster.nodeNames.length} nodes at ${served.url}\nkubeconfig: ${options.kubeconfig}\n`);
      if (options.stdinCommands) {
        const host = { cluster, pace: served.pace, quit: () => ended.resolve() };
        followDirectives(host, process.stdin, (line) => say(1, line)).catch(ended.reject);
      }
      await ended.promise;
    } finally {
      process.stdin.destroy();
      await served.close();
    }
  });

async function listen(
  open: typeof serveCluster,
  { port, speed }: ServeOptions,
  parts: Omit<Parameters<typeof serveCluster>[0], 'port' | 'speed'>,
): Promise<ServedCluster> {
  try {
    return await open({ ...parts, port, speed });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new UsageError(`--port ${port}: something else listens there; 0 takes any free port`);
    if (code === 'EACCES') throw new UsageError(`--port ${port}: only the superuser may listen there`);
    throw error;
  }
}

function say(fd: 1 | 2, text: string): void {
  writeOutput(fd, Buffer.from(utf8(text), 'latin1'));
}

/** A promise that others settle. */
function openEnd(): { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (error: unknown) => void } {
  let settle: { resolve: () => void; reject: (error: unknown) => void };
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle! };
}
