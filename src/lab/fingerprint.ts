/** A fixed session, the same wherever it runs: what Node and the browser must agree about to the last record. */
import { startScript } from './script.ts';
import { playground } from './playground.ts';
import { LabSession } from './session.ts';
import { hashTrace } from './trace-hash.ts';

const script = `kubectl create deployment web --image=nginx:1.29 --replicas=5
kubectl expose deployment web --port=80
kubectl rollout status deployment/web
kubectl exec deploy/web -- kill 1
kubectl set image deployment/web nginx=nginx:1.28
kubectl rollout status deployment/web
kubectl scale deployment/web --replicas=2
ssh node-2 poweroff
sleep 90
kubectl get pods,nodes -o wide
`;

/** Runs it and returns the hash of its trace, the number of records and what it printed. */
export function fingerprint(seed: number): { readonly hash: string; readonly records: number; readonly output: string } {
  const session = new LabSession({ ...playground({ seed }) });
  const { kernel } = session.cluster;
  const hash = hashTrace(kernel.trace);
  let output = '';
  const running = startScript(kernel, session.cluster.machine('control-plane')!, {
    text: script,
    thinkMs: 1000,
    onOutput: (_stream, bytes) => (output += bytes),
  });
  while (running.exitCode === undefined && session.nowMs < 3_600_000) session.advance(session.nowMs + 1000);
  return { hash: hash.value, records: hash.records, output };
}
