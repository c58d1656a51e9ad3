/** The scheduler's plugin Script, with the real interpreter, against the in-memory API server. */
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../emulator/control-plane/kube-scheduler/configuration/load.ts';
import type { PluginFactory } from '../../emulator/control-plane/kube-scheduler/framework.ts';
import { scriptPlugin } from '../../emulator/control-plane/kube-scheduler/script/plugin.ts';
import type { SchedulerTest } from '../../emulator/control-plane/kube-scheduler/testing.ts';
import { createSchedulerTest } from '../../emulator/control-plane/kube-scheduler/testing.ts';
import { loadScriptEngine } from './index.ts';

const engine = await loadScriptEngine();

const configuration = parseConfiguration(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- plugins:
    score:
      enabled:
      - name: Script
        weight: 100
  pluginConfig:
  - name: Script
    args:
      file: /etc/scheduler/score.js
`);

function scheduling(text: string | undefined, lines: string[] = []): SchedulerTest {
  const script = scriptPlugin({ engine, log: (file, line) => lines.push(`${file}: ${line}`), own: () => {} });
  const plugin: PluginFactory = { ...script, make: (args, tools) => script.make(args, { ...tools, readFile: () => text }) };
  return createSchedulerTest({ a: { labels: { price: '30' } }, b: { labels: { price: '20' } } }, { configuration, plugins: [plugin] });
}

test('the script sees the Pod and each node, and its opinion counts', () => {
  const lines: string[] = [];
  const text = `function score(pod, node) {
    console.log(pod.name, node.name, node.cpu, node.pods.length);
    return 100 - Number(node.labels.price);
  }`;
  const t = scheduling(text, lines);
  t.addPod('p');
  t.settle();
  t.addPod('q');
  t.settle();
  expect([t.pod('p').spec.nodeName, t.pod('q').spec.nodeName]).toEqual(['b', 'b']);
  expect(lines.sort()).toEqual([
    'score.js: p a {"allocatable":4000,"requested":0} 0',
    'score.js: p b {"allocatable":4000,"requested":0} 0',
    'score.js: q a {"allocatable":4000,"requested":0} 0',
    'score.js: q b {"allocatable":4000,"requested":0} 1',
  ]);
});

const failed = 'running Score plugins: plugin "Script" failed with:';
test.each([
  {
    name: 'it throws',
    text: 'function score(pod, node) {\n  return node.label.price;\n}',
    want: `${failed} a: TypeError: cannot read property 'price' of undefined (score.js:2)`,
  },
  { name: 'it never ends', text: 'function score() { for (;;); }', want: `${failed} it has not come to an end after 1000000 steps` },
  { name: 'not a number', text: 'function score() { return NaN; }', want: `${failed} a: score returned NaN, and not a number` },
  { name: 'nothing', text: 'function score() {}', want: `${failed} a: score returned undefined, and not a number` },
  {
    name: 'too much',
    text: 'function score() { return 101; }',
    want: 'applying score defaultWeights on Score plugins: plugin "Script" returns an invalid score 101, it should in the range of [0, 100] after normalizing',
  },
])('an attempt fails: $name', ({ text, want }) => {
  const t = scheduling(text);
  t.addPod('p');
  t.kernel.loop.run({ untilMs: t.kernel.loop.now + 5_000 });
  const { nodeName } = t.pod('p').spec;
  const condition = t.pod('p').status?.conditions?.find(({ type }) => type === 'PodScheduled');
  expect({ nodeName, reason: condition?.reason, message: condition?.message?.replace(' b: ', ' a: ') }).toEqual({
    nodeName: undefined,
    reason: 'SchedulerError',
    message: want,
  });
  expect(t.eventsOf('p')[0]?.replace(' b: ', ' a: ')).toBe(`Warning FailedScheduling ${want}`);
});

const refused = 'initializing profiles: creating profile for scheduler name default-scheduler: initializing plugin "Script":';
test.each([
  { name: 'no file', text: undefined, want: `${refused} open /etc/scheduler/score.js: no such file or directory` },
  { name: 'no function', text: 'const x = 1;', want: `${refused} score.js defines no function score(pod, node)` },
  { name: 'no JavaScript', text: 'function score(pod', want: `${refused} SyntaxError: expecting ',' (score.js:1)` },
  { name: 'it never loads', text: 'for (;;);', want: `${refused} it has not come to an end after 1000000 steps` },
])('a configuration is refused: $name', ({ text, want }) => {
  expect(() => scheduling(text)).toThrow(want);
});
