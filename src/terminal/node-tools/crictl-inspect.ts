/** What `crictl inspect` and its like print: the CRI's status messages as JSON, with the parts that the emulator has. */
import type { Image } from '../../emulator/images/index.ts';
import type { Sys } from '../../emulator/kernel/index.ts';
import { goJson } from '../../emulator/machinery/json.ts';
import type { Container, Sandbox } from '../../emulator/node/container-runtime/index.ts';
import { nanoTime } from '../../emulator/node/kubelet/server.ts';

export function toJson(value: unknown): string {
  return JSON.stringify(JSON.parse(goJson(value)), null, 2);
}

const states = { created: 'CONTAINER_CREATED', running: 'CONTAINER_RUNNING', exited: 'CONTAINER_EXITED' } as const;

export function inspectContainer(sys: Sys, container: Container): object {
  const { config, sandbox } = container;
  const at = (ms: number): string => nanoTime(sys.kernel.clock.at(ms));
  const labels = {
    'io.kubernetes.container.name': config.name,
    'io.kubernetes.pod.name': sandbox.config.name,
    'io.kubernetes.pod.namespace': sandbox.config.namespace,
    'io.kubernetes.pod.uid': sandbox.config.uid,
  };
  return {
    status: {
      id: container.id,
      metadata: { attempt: config.attempt, name: config.name },
      state: states[container.state],
      createdAt: at(container.createdMs),
      startedAt:
        container.state === 'created' || container.startedMs === Number.NEGATIVE_INFINITY
          ? '0001-01-01T00:00:00Z'
          : at(container.startedMs),
      finishedAt: container.state === 'exited' ? at(container.finishedMs) : '0001-01-01T00:00:00Z',
      exitCode: container.exitCode,
      reason: container.reason,
      message: container.message,
      image: { image: config.imageName },
      imageRef: `${config.image.repository}@${config.image.digest}`,
      labels,
      logPath: `/var/log/pods/${sandbox.config.namespace}_${sandbox.config.name}_${sandbox.config.uid}/${config.name}/${config.attempt}.log`,
      mounts: config.mountPaths.map((path) => ({ containerPath: path })),
    },
    info: {
      sandboxID: sandbox.id,
      pid: container.process?.pid ?? 0,
      config: {
        command: config.command ?? [],
        args: config.args ?? [],
        envs: [...config.env()].map(([key, value]) => ({ key, value })),
        working_dir: config.workingDir ?? '',
      },
    },
  };
}

export function inspectPod(sys: Sys, sandbox: Sandbox): object {
  const { config } = sandbox;
  return {
    status: {
      id: sandbox.id,
      metadata: { attempt: config.attempt, name: config.name, namespace: config.namespace, uid: config.uid },
      state: sandbox.state === 'ready' ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
      createdAt: nanoTime(sys.kernel.clock.at(sandbox.createdMs)),
      network: { additionalIps: [], ip: config.isHostNetwork ? '' : sandbox.ip },
      labels: {
        'io.kubernetes.pod.name': config.name,
        'io.kubernetes.pod.namespace': config.namespace,
        'io.kubernetes.pod.uid': config.uid,
      },
      runtimeHandler: '',
    },
    info: { image: 'registry.k8s.io/pause:3.10.1', containers: sandbox.containers.map(({ id }) => id) },
  };
}

export function inspectImage({ image, tags }: { readonly image: Image; readonly tags: readonly string[] }): object {
  const { entrypoint = [], cmd = [], env = {}, workingDir = '', exposedPorts = [] } = image.config;
  return {
    status: {
      id: image.id,
      repoTags: tags,
      repoDigests: [`${image.repository}@${image.digest}`],
      size: String(image.sizeBytes),
      uid: null,
      username: image.config.user ?? '',
      pinned: false,
    },
    info: {
      imageSpec: {
        architecture: 'amd64',
        os: 'linux',
        config: {
          Entrypoint: entrypoint,
          Cmd: cmd,
          Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
          WorkingDir: workingDir,
          ExposedPorts: Object.fromEntries(exposedPorts.map((port) => [`${port}/tcp`, {}])),
        },
      },
    },
  };
}
