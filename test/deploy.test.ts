/** The manifests under `deploy/` in the course's own cluster: graders whose program grades trivially, and a site of one page. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { utf8 } from '../src/emulator/kernel/index.ts';
import { rest, runScript } from '../src/lab/attempt.ts';
import { playground } from '../src/lab/playground.ts';
import { LabSession } from '../src/lab/session.ts';

const images = [
  {
    name: 'registry.example/inside-kubernetes/labs',
    tags: ['0.1.0'],
    // What its shell would find; the manifests run it by way of `sh -c`.
    logs: ['shard $(env JOB_COMPLETION_INDEX)'],
    crash: { afterMs: 3000, exitCode: 0 },
  },
  { name: 'registry.example/inside-kubernetes/site', tags: ['0.1.0'], ports: [8080], routes: { '/': 'Inside Kubernetes\n' } },
];

/** The emulated image has no command `labs` that a shell could start: its own program stands for it. */
const ownProgram = (manifest: string): string => manifest.replace(/ {10}command: \[sh, -c\]\n {10}args:\n.*\n/, '');

async function apply(manifests: Readonly<Record<string, string>>, script: string): Promise<{ session: LabSession; output: string }> {
  const { lab, ...loaded } = playground();
  const session = new LabSession({ ...loaded, lab: { ...lab, cluster: { ...lab.cluster, images, addons: ['ingress-nginx'] } } });
  const { fs: files } = session.cluster.machine('control-plane')!;
  for (const [name, text] of Object.entries(manifests)) files.writeFile(`/root/${name}`, utf8(text));
  let output = '';
  const code = await runScript(session, script, 3_600_000, (_, bytes) => (output += bytes));
  await rest(session);
  expect(code, output).toBe(0);
  return { session, output };
}

const read = (name: string): string => fs.readFileSync(`deploy/${name}`, 'utf8');

test('the Indexed Job completes, each index once, and the merge after it', async () => {
  const { session, output } = await apply(
    {
      'setup.yaml': read('grading/setup.yaml'),
      'job.yaml': ownProgram(read('grading/job.yaml')),
      'merge.yaml': ownProgram(read('grading/merge.yaml')),
    },
    `set -e
kubectl apply -f setup.yaml
kubectl apply -f job.yaml
kubectl wait -n labs-grading --for=condition=Complete job/grade --timeout=30m
kubectl logs -n labs-grading -l app=grade --tail=-1 --max-log-requests=20
kubectl apply -f merge.yaml
kubectl wait -n labs-grading --for=condition=Complete job/merge --timeout=10m
kubectl auth can-i create jobs -n labs-grading --as=ann --as-group=graders
`,
  );
  expect(output).not.toMatch(/would violate|deprecated/);
  const shards = [...output.matchAll(/^shard (\d+)$/gm)].map(([, index]) => Number(index)).sort((a, b) => a - b);
  expect(shards).toEqual(Array.from({ length: 20 }, (_, i) => i));
  const job = session.cluster.list('jobs').find(({ metadata }) => metadata.name === 'grade')!;
  expect(job.status).toMatchObject({ succeeded: 20, completedIndexes: '0-19' });
  expect(output.trim().split('\n').at(-1)).toBe('yes');
  const { completions, template } = job.spec;
  expect(template.spec!.containers[0]!.name).toBe('labs');
  expect(read('grading/job.yaml')).toContain(`--shard auto/${completions}`);
});

test('the site answers by its host', async () => {
  const { output } = await apply(
    { 'site.yaml': read('site/site.yaml') },
    `set -e
kubectl apply -f site.yaml
kubectl rollout status -n labs-site deployment/site
sleep 20
address=$(kubectl get service -n ingress-nginx ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
curl -s -H 'Host: labs.example' "http://$address/"
`,
  );
  expect(output).not.toContain('would violate');
  expect(output.trim().split('\n').at(-1)).toBe('Inside Kubernetes');
});
