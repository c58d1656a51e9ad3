/** The command `kubelet`: flags, files, and a `Kubelet` for as long as the process lives. */
import { connectClient, KubeconfigError } from '../../client/index.ts';
import { parseFlags } from '../../control-plane/component-base/flags.ts';
import { releaseOf } from '../../control-plane/component-base/release.ts';
import type { Call, Program, Sys } from '../../kernel/index.ts';
import { civilTime, isErrno } from '../../kernel/index.ts';
import type { ContainerRuntime } from '../container-runtime/index.ts';
import { runtimeService, unavailable } from '../container-runtime/index.ts';
import { BootstrapError, clientConfig, rotate } from './client-certificate.ts';
import { ConfigurationFileError, flagTypes, loadConfiguration } from './configuration.ts';
import { Kubelet, kubeletService } from './kubelet.ts';

/** Upstream's words for a runtime that does not answer when the kubelet starts (cri-client/pkg/remote_runtime.go). */
const notServing = `failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint "unix:///run/containerd/containerd.sock": ${unavailable}`;

const two = (n: number): string => String(n).padStart(2, '0');

/** A line as klog writes it: `I0827 12:00:01.000000     612 server.go] …`. */
function klogLine(sys: Sys, level: 'I' | 'W' | 'E', text: string, source = 'kubelet.go'): string {
  const t = civilTime(sys.kernel.clock.unixMs);
  return `${level}${two(t.month)}${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}.${String(t.ms).padStart(3, '0')}000 ${String(sys.pid).padStart(7)} ${source}] ${text}`;
}

/** The last words of a kubelet that does not start (k8s.io/component-base/cli/run.go). */
function* commandFailed(sys: Sys, why: string): Call<number> {
  yield* sys.print(2, `${klogLine(sys, 'E', `"command failed" err=${JSON.stringify(why)}`, 'run.go:72')}\n`);
  return 1;
}

export const kubelet: Program = function* (sys): Call<number> {
  if (sys.argv[1] === '--version') {
    yield* sys.print(1, `Kubernetes ${releaseOf(sys)}\n`);
    return 0;
  }
  const parsed = parseFlags(sys.argv.slice(1), flagTypes);
  if ('error' in parsed) {
    return yield* commandFailed(sys, `failed to parse kubelet flag: ${parsed.error}`);
  }
  const { flags } = parsed;
  const release = releaseOf(sys);
  let isOver = false;
  // What was asked before the end is answered after it.
  sys.own(() => {
    isOver = true;
  });
  const log = (text: string): void =>
    void (isOver || sys.fds.get(2).write(`${klogLine(sys, text.includes('err=') ? 'E' : 'I', text)}\n` as never));
  try {
    const configuration = loadConfiguration(sys.fs, flags.text('config'));
    const nodeName = flags.text('hostname-override') ?? sys.hostname;
    const [nodeIP = sys.net.addresses[0] ?? '127.0.0.1', nodeIP6] = flags.text('node-ip')?.split(',') ?? [];
    if (configuration.unknownFields.length > 0) {
      const problem = `strict decoding error: ${configuration.unknownFields.map((name) => `unknown field "${name}"`).join(', ')}`;
      yield* sys.print(
        2,
        `${klogLine(sys, 'I', `"Using lenient decoding as strict decoding failed" err=${JSON.stringify(problem)}`, 'codec.go:95')}\n`,
      );
    }
    for (const field of configuration.withoutEffect)
      log(`"Accepted in the configuration, but it changes nothing in this emulator" field="${field}"`);
    log(`"Kubelet version" kubeletVersion="${release}"`);
    const runtime = sys.machine.services.get(runtimeService) as ContainerRuntime;
    if (!runtime.isServing) throw new ConfigurationFileError(notServing);
    const kubeconfig = flags.text('kubeconfig') ?? '/etc/kubernetes/kubelet.conf';
    const rest = yield* clientConfig({ sys, nodeName, kubeconfig, bootstrapKubeconfig: flags.text('bootstrap-kubeconfig'), log });
    let { credential } = rest;
    const client = connectClient({
      kernel: sys.kernel,
      net: sys.net,
      ...rest,
      *credential() {
        return credential;
      },
      agent: 'kubelet',
    });
    const running = new Kubelet({
      kernel: sys.kernel,
      machine: sys.machine,
      client,
      nodeName,
      nodeIP,
      nodeIP6,
      configuration,
      release,
      nodeLabels: Object.fromEntries(flags.list('node-labels').map((pair) => pair.split('=') as [string, string])),
      taints: flags.list('register-with-taints').map(parseTaint),
      log,
    });
    sys.machine.services.set(kubeletService, running);
    sys.own(() => {
      running.stop();
      sys.machine.services.delete(kubeletService);
    });
    running.start();
    if (configuration.rotatesCertificates)
      sys.own(
        rotate({
          kernel: sys.kernel,
          fs: sys.fs,
          client,
          nodeName,
          config: rest,
          log,
          onRotated: (renewed) => {
            credential = renewed;
          },
        }),
      );
  } catch (error) {
    if (
      !(error instanceof ConfigurationFileError) &&
      !(error instanceof BootstrapError) &&
      !(error instanceof KubeconfigError) &&
      !isErrno(error)
    )
      throw error;
    const what = error instanceof ConfigurationFileError ? error.message : `failed to run Kubelet: ${error.message}`;
    return yield* commandFailed(sys, what);
  }
  yield* sys.pause();
  return 0;
};

/** `key=value:Effect`. */
function parseTaint(text: string): { readonly key: string; readonly value?: string | undefined; readonly effect: string } {
  const [pair = '', effect = ''] = text.split(':');
  const [key = '', value] = pair.split('=');
  return { key, value: value || undefined, effect };
}
