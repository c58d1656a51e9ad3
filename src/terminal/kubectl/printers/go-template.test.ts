import { expect, test } from 'vitest';
import { CommandError } from '../errors.ts';
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
  { template: '{{.nothing.at.all}}', want: '<no value>' },
  { template: '{{range.items}}{{.n}}{{end}}{{if.kind}}!{{end}}', want: '23!' },
  { template: '{{"{{"}} {{/* a comment */}}', want: '{{ ' },
])('$template', ({ template, want }) => {
  expect(parseTemplate(template)(object)).toBe(want);
});

test.each([
  {
    template: '{{.kind}} {{.data.none}}',
    isStrict: true,
    at: '1:17',
    context: '.data.none',
    message: 'map has no entry for key "none"',
    printed: 'List ',
  },
  { template: '{{.none}}', isStrict: true, at: '1:2', context: '.none', message: 'map has no entry for key "none"', printed: '' },
  {
    template: 'a\n{{range .items}}{{.x}}{{end}}',
    isStrict: true,
    at: '2:18',
    context: '.x',
    message: 'map has no entry for key "x"',
    printed: 'a\n',
  },
  {
    template: '{{.kind.x}}',
    isStrict: false,
    at: '1:7',
    context: '.kind.x',
    message: "can't evaluate field x in type interface {}",
    printed: '',
  },
  {
    template: '{{$k := .kind}}{{$k.x}}',
    isStrict: false,
    at: '1:19',
    context: '$k.x',
    message: "can't evaluate field x in type interface {}",
    printed: '',
  },
])('$template fails at $at', ({ template, isStrict, at, context, message, printed }) => {
  let error: unknown;
  try {
    parseTemplate(template, { allowMissingKeys: !isStrict })({ kind: 'List', data: {}, items: [{}] });
  } catch (thrown) {
    error = thrown;
  }
  const told = `template: output:${at}: executing "output" at <${context}>: ${message}`;
  expect(error).toBeInstanceOf(CommandError);
  expect((error as CommandError).message).toBe(`error executing template ${JSON.stringify(template)}: ${told}`);
  expect((error as CommandError).printed.startsWith(`${printed}Error executing template: ${told}. Printing more`)).toBe(true);
});
