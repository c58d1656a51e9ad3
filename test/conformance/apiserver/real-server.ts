/** A real kube-apiserver with an etcd of its own on loopback, from binaries in the folder that `KUBERNETES_SERVER_BIN` names. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpAnswer } from './answer.ts';

const port = 26_443;
const etcdPort = 22_379;
const token = 'of-the-recording';
const startSeconds = 60;

export interface RealServer {
  post(target: string, body: unknown): Promise<HttpAnswer>;
  get(target: string): Promise<HttpAnswer>;
  stop(): void;
}

export async function startRealServer(bin: string): Promise<RealServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kube-apiserver-'));
  const at = (name: string): string => path.join(folder, name);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(at('sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(at('tokens.csv'), `${token},kubernetes-admin,admin,"system:masters"\n`);
  const run = (program: string, args: readonly string[]): ChildProcess => spawn(path.join(bin, program), args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${etcdPort}`;
  const processes = [
    run('etcd', [
      `--data-dir=${at('etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      '--listen-peer-urls=http://127.0.0.1:22380',
    ]),
    run('kube-apiserver', [
      `--etcd-servers=${url}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${folder}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      `--service-account-key-file=${at('sa.key')}`,
      `--service-account-signing-key-file=${at('sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      `--token-auth-file=${at('tokens.csv')}`,
      '--allow-privileged=true',
    ]),
  ];
  const stop = (): void => {
    for (const process of processes) process.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const server: RealServer = { post: (target, body) => send('POST', target, body), get: (target) => send('GET', target), stop };
  for (let second = 0; second < startSeconds; second++) {
    await sleep(1000);
    const answer = await send('GET', '/readyz').catch(() => undefined);
    if (answer?.status === 200) return server;
  }
  stop();
  throw new Error(`the real API server was not ready after ${startSeconds} s`);
}

const agent = new https.Agent({ keepAlive: true, maxSockets: 4 });

function send(method: string, target: string, body?: unknown): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'user-agent': 'conformance/1.0',
      accept: 'application/json',
      'content-type': 'application/json',
    };
    const request = https.request(
      { host: '127.0.0.1', port, method, path: target, agent, headers, rejectUnauthorized: false },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          const isJson = response.headers['content-type']?.startsWith('application/json');
          resolve({ status: response.statusCode!, warnings: warningsIn(response.rawHeaders), body: isJson ? JSON.parse(text) : text });
        });
      },
    );
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const warningsIn = (headers: readonly string[]): string[] =>
  headers.filter((_, i) => headers[i - 1]?.toLowerCase() === 'warning' && i % 2 === 1);
