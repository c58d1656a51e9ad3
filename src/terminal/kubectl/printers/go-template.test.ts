import { expect, test } from 'vitest';
import { parseTemplate } from './go-template.ts';

const object = {
  kind: 'List',
  items: [
    { metadata: { name: 'a', labels: { x: '1' } }, n: 2 },
    { metadata: { name: 'b' }, n: 3 },
  ],
  data: { key: 'aGk=' },
  unset: { a: undefined, b: null, c: 1 },
};

test.each([
  { template: '{{.kind}}', want: 'List' },
  { template: '{{range .items}}{{.metadata.name}} {{end}}', want: 'a b ' },
  { template: '{{range $i, $item := .items}}{{$i}}={{$item.n}};{{end}}', want: '0=2;1=3;' },
  { template: '{{range .items}}{{if .metadata.labels}}{{.metadata.labels.x}}{{else}}none{{end}},{{end}}', want: '1,none,' },
  { template: '{{range .items}}{{if eq .n 2}}two{{else if gt .n 2}}more{{end}} {{end}}', want: 'two more ' },
  { template: '{{range .missing}}x{{else}}empty{{end}}', want: 'empty' },
  { template: '{{len .items}} {{(index .items 0).metadata.name}}', want: '2 a' },
  { template: '{{.data.key | base64decode}}', want: 'hi' },
  { template: '{{printf "%s-%d" .kind 5}}', want: 'List-5' },
  { template: '{{with .data}}{{.key}}{{end}}', want: 'aGk=' },
  { template: '{{$k := .kind}}{{$k}}', want: 'List' },
  { template: 'a {{- " b " -}} c', want: 'a b c' },
  { template: '{{range $k, $v := .unset}}{{$k}} {{end}}{{len .unset}}', want: 'b c 2' },
  { template: '{{.nothing}}', want: '<no value>' },
  { template: '{{"{{"}} {{/* a comment */}}', want: '{{ ' },
])('$template', ({ template, want }) => {
  expect(parseTemplate(template)(object)).toBe(want);
});
