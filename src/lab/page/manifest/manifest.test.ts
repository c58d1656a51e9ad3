/** The editor's help says what the API server would say, at the place that it is about. */
import { describe, expect, test } from 'vitest';
import { complete, diagnose } from './index.ts';

const pod = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n${spec}`;
const good = pod('  containers:\n  - name: web\n    image: nginx:1.29\n');

describe('diagnose', () => {
  test.each([
    { name: 'a good manifest', text: good, want: [] },
    { name: 'nothing', text: '', want: [] },
    { name: 'two documents, one of them empty', text: `${good}---\n`, want: [] },
    {
      name: 'an unknown field',
      text: good.replace('image:', 'imgae:'),
      want: [
        ['imgae: nginx:1.29', 'unknown field "spec.containers[0].imgae"'],
        ['name', 'spec.containers[0].image: Required value'],
      ],
    },
    {
      name: 'a name that breaks the rules',
      text: good.replace('name: web\nspec', 'name: Web_1\nspec'),
      want: [['name: Web_1', 'metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain']],
    },
    {
      name: 'a wrong type',
      text: pod('  containers: web\n'),
      want: [['containers: web', 'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container']],
    },
    { name: 'no kind', text: 'apiVersion: v1\n', want: [['apiVersion', "Object 'Kind' is missing"]] },
    { name: 'a text that is no YAML', text: 'a: b\n c: d\n', want: [['', 'error converting YAML to JSON: yaml: line 2']] },
    { name: 'a custom resource, of which only the cluster knows', text: 'apiVersion: example.com/v1\nkind: Backup\n', want: [] },
    {
      name: 'the second document',
      text: `${good}---\nkind: ConfigMap\napiVersion: v1\nmetadata:\n  name: a\ndatum: {}\n`,
      want: [['datum', 'unknown field "datum"']],
    },
  ])('$name', ({ text, want }) => {
    const found = diagnose(text);
    expect(found.map(({ message }, i) => message.slice(0, want[i]?.[1]?.length))).toEqual(want.map(([, message]) => message));
    for (const [i, [place]] of want.entries()) if (place) expect(text.slice(found[i]!.from, found[i]!.to)).toBe(place);
  });

  test('a huge text costs nothing', () => {
    expect(diagnose('a: b\n'.repeat(100_000))).toEqual([]);
  });
});

describe('complete', () => {
  /** The text with a bar where the reader types. */
  const at = (marked: string): readonly string[] => {
    const offset = marked.indexOf('|');
    const { from, options } = complete(marked.replace('|', ''), offset);
    const word = marked.slice(from, offset);
    return options.filter(({ label }) => label.startsWith(word)).map(({ label }) => label);
  };

  test.each([
    { name: 'an empty text', text: '|', want: ['apiVersion', 'kind'] },
    { name: 'a version', text: 'apiVersion: ap|\nkind: Deployment\n', want: ['apps/v1'] },
    { name: 'a kind of a version', text: 'apiVersion: apps/v1\nkind: Dae|\n', want: ['DaemonSet'] },
    { name: 'a field at the top', text: 'apiVersion: v1\nkind: Pod\nsp|', want: ['spec'] },
    { name: 'a field of a struct', text: 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  min|', want: ['minReadySeconds'] },
    { name: 'a field of an element', text: `${good}    imageP|`, want: ['imagePullPolicy'] },
    { name: 'the first field of an element', text: pod('  containers:\n  - na|'), want: ['name'] },
    {
      name: 'an element whose dash is indented',
      text: pod('  containers:\n    - name: a\n      ports:\n        - containerPort: 80\n          hostP|'),
      want: ['hostPort'],
    },
    { name: 'nothing that is there already', text: `${good}    ima|\n`, want: ['imagePullPolicy'] },
    { name: 'back in an outer struct', text: `${good}  restart|`, want: ['restartPolicy'] },
    { name: 'no fields of a map', text: 'apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    a|', want: [] },
    { name: 'another document', text: `${good}---\napiVersion: v1\nkind: ConfigMap\nimm|`, want: ['immutable'] },
  ])('$name', ({ text, want }) => {
    expect(at(text)).toEqual(want);
  });
});
