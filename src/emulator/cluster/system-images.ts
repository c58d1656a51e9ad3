/** The images of registry.k8s.io: what `registry.k8s.io/kube-scheduler` runs *is* the scheduler. */
import { coredns } from '../addons/coredns/index.ts';
import { etcd } from '../control-plane/etcd/index.ts';
import { kubeApiserver } from '../control-plane/kube-apiserver/index.ts';
import { kubeControllerManager } from '../control-plane/kube-controller-manager/index.ts';
import { kubeScheduler } from '../control-plane/kube-scheduler/index.ts';
import type { ImageDefinition } from '../images/index.ts';
import type { Program } from '../kernel/index.ts';
import { kubeProxy } from '../node/kube-proxy/index.ts';
import { systemVersions } from './versions.ts';

function image(repository: string, tag: string, sizeBytes: number, path: string, program: Program): ImageDefinition {
  return {
    repository: `registry.k8s.io/${repository}`,
    versions: [{ tags: [tag], sizeBytes }],
    config: { entrypoint: [path] },
    files: () => ({ [path]: program }),
  };
}

const { kubernetes } = systemVersions;

/** On every node from the start, as in a node image that has them preloaded. */
export const nodeImages: readonly ImageDefinition[] = [
  image('coredns/coredns', systemVersions.coredns, 22_384_805, '/coredns', coredns),
  image('kube-proxy', kubernetes, 25_963_718, '/usr/local/bin/kube-proxy', kubeProxy),
];

export const controlPlaneImages: readonly ImageDefinition[] = [
  image('etcd', systemVersions.etcd, 74_311_308, '/usr/local/bin/etcd', etcd),
  image('kube-apiserver', kubernetes, 27_061_991, '/usr/local/bin/kube-apiserver', kubeApiserver),
  image('kube-controller-manager', kubernetes, 22_820_214, '/usr/local/bin/kube-controller-manager', kubeControllerManager),
  image('kube-scheduler', kubernetes, 17_385_568, '/usr/local/bin/kube-scheduler', kubeScheduler),
];
