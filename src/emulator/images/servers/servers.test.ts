import { describe, expect, test } from 'vitest';
import { textOf } from '../../kernel/index.ts';
import { createTestNode } from '../../node/kubelet/testing.ts';

/** A Pod of one container with a port that must take connections before it is ready. */
function run(image: string, port: number, more: object = {}) {
  const t = createTestNode();
  t.create('db-0', {
    restartPolicy: 'Never',
    containers: [{ name: 'c', image, readinessProbe: { tcpSocket: { port }, periodSeconds: 1 }, ...more }],
  });
  t.advance(60_000);
  const [container] = t.node.runtime.containers.values();
  return {
    machine: container!.machine!,
    status: t.pod('db-0')!.status!.containerStatuses![0]!,
    log: (container!.log?.lines ?? []).map(({ text }) => text).join('\n'),
  };
}

describe('servers in a few lines', () => {
  test.each([
    { image: 'postgres:16', port: 5432, more: { env: [{ name: 'POSTGRES_PASSWORD', value: 'x' }] }, log: /ready to accept connections/ },
    { image: 'mongo:4.2', port: 27017, log: /waiting for connections on port 27017/ },
    { image: 'mongo', port: 4000, more: { args: ['--port', '4000'] }, log: /waiting for connections on port 4000/ },
    { image: 'rabbitmq', port: 5672, log: /Server startup complete/ },
    { image: 'cassandra:5', port: 9042, log: /Startup complete/ },
    { image: 'registry.k8s.io/event-exporter:v0.2.3', port: 80, log: /^$/ },
    { image: 'k8s.gcr.io/event-exporter:v0.2.3', port: 80, log: /^$/ },
    { image: 'registry.k8s.io/kas-network-proxy/proxy-server:v0.0.32', port: 9000, more: { args: ['--health-port=9000'] }, log: /^$/ },
  ])('$image listens on $port', ({ image, port, more, log }) => {
    const { status, log: written } = run(image, port, more);
    expect(status).toMatchObject({ ready: true, restartCount: 0 });
    expect(written).toMatch(log);
  });

  test('PostgreSQL without a password ends', () => {
    const { status, log } = run('postgres:16', 5432);
    expect(status.state?.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(log).toContain('superuser password is not specified');
  });

  test('an agent answers for its health', () => {
    const probe = { httpGet: { path: '/healthz', port: 8134 }, periodSeconds: 1 };
    const more = { args: ['--health-server-port=8134'], livenessProbe: probe, readinessProbe: probe };
    expect(run('us.gcr.io/k8s-artifacts-prod/kas-network-proxy/proxy-agent:v0.0.37', 0, more).status).toMatchObject({
      ready: true,
      restartCount: 0,
    });
  });

  test('ZooKeeper writes its configuration and answers words of four letters', () => {
    const command = ['start-zookeeper', '--servers=2', '--client_port=2200', '--data_dir=/data'];
    const readinessProbe = { exec: { command: ['zookeeper-ready', '2200'] }, periodSeconds: 1 };
    const { status, machine, log } = run('registry.k8s.io/kubernetes-zookeeper:1.0-3.4.10', 2200, { command, readinessProbe });
    expect(status.ready).toBe(true);
    expect(log).toMatch(/binding to port 0\.0\.0\.0\/0\.0\.0\.0:2200$/);
    expect(textOf(machine.fs.readFile('/data/myid'))).toBe('1\n');
    expect(textOf(machine.fs.readFile('/opt/zookeeper/conf/zoo.cfg'))).toMatch(/^server\.2=db-1\.db-hs\.\S+:2888:3888$/m);
  });

  test('one that is no member of a set does not start', () => {
    const t = createTestNode();
    t.create('single', { restartPolicy: 'Never', containers: [{ name: 'c', image: 'registry.k8s.io/kubernetes-zookeeper:1.0-3.4.10' }] });
    t.advance(20_000);
    expect(t.pod('single')!.status!.containerStatuses![0]!.state?.terminated?.exitCode).toBe(1);
  });
});
