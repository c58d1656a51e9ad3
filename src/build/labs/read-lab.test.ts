/** What an author is told of faults in lab.yaml that cannot be. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LabError, readLab } from './read-lab.ts';

const folder = fs.mkdtempSync(join(tmpdir(), 'lab-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

function write(faults: string): void {
  fs.mkdirSync(join(folder, 'alternatives'), { recursive: true });
  fs.mkdirSync(join(folder, 'mistakes'), { recursive: true });
  for (const file of ['solution.sh', 'alternatives/other.sh', 'checks.ts']) fs.writeFileSync(join(folder, file), '');
  fs.writeFileSync(join(folder, 'mistakes/none.sh'), '# fails: mend\n');
  fs.writeFileSync(
    join(folder, 'lab.yaml'),
    `schema: labs/v1
id: 00000000-broken
version: 1
title: Broken
summary: Something is.
minutes: 5
difficulty: 1
concepts: [faults]
cluster:
  nodes: [control-plane, node-1]
  faults: ${faults}
tasks: [{ id: mend, title: Mend it, points: 1, hints: [Look.] }]
`,
  );
}

test('what is well-formed becomes data', () => {
  write(
    '[{ fault: cordoned, node: node-1, at: 5m }, { choose: 1, of: [{ fault: cordoned }, { fault: quota-exhausted, namespace: a, pods: 3, after: mend }] }]',
  );
  expect(readLab(folder).lab.cluster.faults).toEqual([
    { fault: 'cordoned', with: { node: 'node-1' }, atMs: 300_000 },
    {
      choose: 1,
      of: [
        { fault: 'cordoned', with: {} },
        { fault: 'quota-exhausted', with: { namespace: 'a', pods: '3' }, after: 'mend' },
      ],
    },
  ]);
});

test.each([
  { name: 'no such fault', faults: '[{ fault: meteor }]', want: /lab\.yaml: .*any of \["kubelet-stopped",/ },
  { name: 'no such parameter', faults: '[{ fault: cordoned, nod: node-1 }]', want: /lab\.yaml: .*"nod"/ },
  { name: 'a parameter that is missing', faults: '[{ fault: quota-exhausted }]', want: /lab\.yaml: .*"namespace"/ },
  {
    name: 'no such machine',
    faults: '[{ fault: cordoned, node: node-7 }]',
    want: /there is no machine node-7; there are control-plane, node-1/,
  },
  { name: 'a time that is none', faults: '[{ fault: cordoned, at: soon }]', want: /lab\.yaml: .*pattern/ },
  { name: 'no such task', faults: '[{ fault: cordoned, after: lunch }]', want: /the fault cordoned comes after lunch, which is no task/ },
  {
    name: 'more than there are',
    faults: '[{ choose: 3, of: [{ fault: cordoned }, { fault: label-drift, selector: a=b, label: a, value: c }] }]',
    want: /3 faults cannot be chosen from 2/,
  },
])('$name', ({ faults, want }) => {
  write(faults);
  expect(() => readLab(folder)).toThrow(LabError);
  expect(() => readLab(folder)).toThrow(want);
});
