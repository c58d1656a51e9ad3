import { expect, test } from 'vitest';
import type { PodTopOptions } from './print.ts';
import { nodeTable, podTable } from './print.ts';

const pod = (namespace: string, name: string, ...containers: readonly (readonly [string, string, string])[]) => ({
  metadata: { namespace, name },
  containers: containers.map(([container, cpu, memory]) => ({ name: container, usage: { cpu, memory } })),
});
const all = [pod('b', 'web', ['nginx', '1500000n', '3600Ki'], ['log', '4m', '2048Ki']), pod('a', 'db', ['redis', '3m', '8300Ki'])];
const plain: PodTopOptions = { hasHeaders: true, sortBy: '', withNamespace: false, withContainers: false, withSum: false };

test.each<{ readonly name: string; readonly options: Partial<PodTopOptions>; readonly want: string }>([
  {
    name: 'by name',
    options: {},
    want: `
NAME   CPU(cores)   MEMORY(bytes)
db     3m           8Mi
web    6m           5Mi
`,
  },
  {
    name: 'the busiest first',
    options: { sortBy: 'cpu', hasHeaders: false },
    want: `
web   6m    5Mi
db    3m    8Mi
`,
  },
  {
    name: 'containers of all namespaces',
    options: { withNamespace: true, withContainers: true },
    want: `
NAMESPACE   POD   NAME    CPU(cores)   MEMORY(bytes)
a           db    redis   3m           8Mi
b           web   log     4m           2Mi
b           web   nginx   2m           3Mi
`,
  },
  {
    name: 'with the sum',
    options: { withSum: true },
    want: `
NAME   CPU(cores)   MEMORY(bytes)
db     3m           8Mi
web    6m           5Mi
       ________     ________
       9m           13Mi
`,
  },
])('Pods $name', ({ options, want }) => {
  const text = podTable(all, { ...plain, ...options });
  expect(`\n${text.replace(/ +\n/g, '\n')}`).toBe(want);
});

test('nodes with their share, and those without numbers last', () => {
  const items = [{ metadata: { name: 'node-1' }, usage: { cpu: '250m', memory: '1Gi' } }];
  const size = { cpu: '4', memory: '8Gi' };
  const text = nodeTable(items, new Map(Object.entries({ 'node-0': size, 'node-1': size })), { hasHeaders: true, sortBy: '' });
  expect(text.replace(/ +\n/g, '\n')).toBe(`NAME     CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)
node-1   250m         6%          1024Mi          12%
node-0   <unknown>    <unknown>   <unknown>       <unknown>
`);
});
