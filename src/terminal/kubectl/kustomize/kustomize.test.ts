/** What the comparison with the real kustomize does not show at a glance: hashes, order, references, and the words of errors. */
import { expect, test } from 'vitest';
import { textOf, utf8 } from '../../../emulator/kernel/index.ts';
import { parseYaml } from '../../../emulator/machinery/yaml.ts';
import { kustomizeYaml } from '../resources/kustomize.ts';
import { buildKustomization } from './index.ts';

const deployment =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, image: "nginx:1.27", envFrom: [{configMapRef: {name: app}}]}]}}}\n';

/** Builds `/k` of these files. */
function build(files: Readonly<Record<string, string>>) {
  const paths = Object.keys(files).map((name) => `/k/${name}`);
  const warnings: string[] = [];
  const objects = buildKustomization(
    {
      absolute: (path) => (path.startsWith('/') ? path : `/${path}`),
      kind: (path) => (paths.includes(path) ? 'file' : paths.some((one) => one.startsWith(`${path}/`)) ? 'directory' : undefined),
      read: (path) => utf8(files[path.slice(3)]!),
    },
    'k',
    { isUnrestricted: false, onWarning: (line) => warnings.push(line) },
  );
  return { objects, warnings };
}

test.each([
  { name: 'of a ConfigMap', generator: 'configMapGenerator: [{name: made, literals: [a=b]}]', want: 'made-4h2mbtbbt6' },
  { name: 'of nothing', generator: 'configMapGenerator: [{name: none}]', want: 'none-6ct58987ht' },
  { name: 'none, when so wished', generator: 'configMapGenerator: [{name: a, options: {disableNameSuffixHash: true}}]', want: 'a' },
  {
    name: 'none for all',
    generator: 'generatorOptions: {disableNameSuffixHash: true}\nsecretGenerator: [{name: a, literals: [a=b]}]',
    want: 'a',
  },
])('the hash $name', ({ generator, want }) => {
  expect(build({ 'kustomization.yaml': generator }).objects.map(({ metadata }) => metadata.name)).toEqual([want]);
});

test('a generated name is corrected where it is used, through two levels of prefixes', () => {
  const { objects } = build({
    'kustomization.yaml': 'resources: [base]\nnamePrefix: b-\nnamespace: shop\n',
    'base/kustomization.yaml': 'resources: [d.yaml]\nnamePrefix: a-\nconfigMapGenerator: [{name: app, literals: [a=b]}]\n',
    'base/d.yaml': deployment,
  });
  const [map, web] = objects;
  expect(map.metadata).toEqual({ name: 'b-a-app-4h2mbtbbt6', namespace: 'shop' });
  expect(web.metadata).toEqual({ name: 'b-a-web', namespace: 'shop' });
  expect(web.spec.template.spec.containers[0].envFrom[0].configMapRef.name).toBe('b-a-app-4h2mbtbbt6');
});

test('aliases of YAML are changed one by one', () => {
  const { objects } = build({
    'kustomization.yaml':
      'resources: [d.yaml]\npatches: [{target: {kind: Pod}, patch: \'[{"op": "add", "path": "/metadata/labels/x", "value": "1"}]\'}]\n',
    'd.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: &l {b: c}}\nspec: {nodeSelector: *l}\n',
  });
  expect(objects[0].spec.nodeSelector).toEqual({ b: 'c' });
});

test('a secret is printed as the real one prints it', () => {
  const { objects } = build({ 'kustomization.yaml': 'secretGenerator: [{name: pass, files: [long]}]\n', long: 'x'.repeat(60) });
  expect(kustomizeYaml(objects)).toBe(
    `apiVersion: v1\ndata:\n  long: |\n    ${'eHh4'.repeat(17)}eH\n    ${textOf(utf8('h4eHh4eHh4'))}\nkind: Secret\nmetadata:\n  name: pass-${objects[0].metadata.name.slice(5)}\ntype: Opaque\n`,
  );
});

test('deprecated fields are told', () => {
  expect(build({ 'kustomization.yaml': 'bases: [b]\n', 'b/kustomization.yaml': 'commonLabels: {a: b}\n' }).warnings).toEqual([
    "# Warning: 'bases' is deprecated. Please use 'resources' instead. Run 'kustomize edit fix' to update your Kustomization automatically.",
    "# Warning: 'commonLabels' is deprecated. Please use 'labels' instead. Run 'kustomize edit fix' to update your Kustomization automatically.",
  ]);
});

test.each([
  { name: 'a remote base', text: 'resources: ["https://github.com/a/b?ref=v1"]', want: /no route to the internet/ },
  { name: 'a way out', text: 'resources: [../other.yaml]', want: /evalsymlink failure on '\/other\.yaml'/ },
  { name: 'a chart', text: 'helmCharts: [{name: a}]', want: /^helmCharts is not supported by this kubectl$/ },
  { name: 'a list', text: '[a]', want: /^invalid Kustomization: json: cannot unmarshal array into Go value of type types.Kustomization$/ },
  {
    name: 'a pattern that is none',
    text: 'namePrefix: a\npatches: [{target: {name: "("}, patch: "kind: a\\nmetadata: {name: a}"}]',
    want: /error parsing regexp/,
  },
])('$name is refused', ({ text, want }) => {
  expect(() => build({ 'kustomization.yaml': text })).toThrow(want);
});

test('what is built reads back as it was', () => {
  const { objects } = build({ 'kustomization.yaml': 'resources: [d.yaml]\n', 'd.yaml': deployment });
  expect(parseYaml(kustomizeYaml(objects))).toEqual(objects[0]);
});
