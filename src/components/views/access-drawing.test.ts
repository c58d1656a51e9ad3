import { expect, test } from 'vitest';
import type { AccessGraph } from '../../lab/page/protocol.ts';
import { boxHeight, drawNarrow, drawWide } from './access-drawing.ts';
import type { AccessDrawing, AccessWords } from './access-drawing.ts';

const words: AccessWords = {
  allows: 'allows it',
  missing: 'does not exist',
  everywhere: 'everywhere',
  more: (count) => `${count} more`,
  lacks: (what) => `not the ${what.join(', ')}`,
  inNamespace: (namespace) => `in ${namespace}`,
};

const binding = { kind: 'RoleBinding', namespace: 'shop', isElsewhere: false, allows: false };
const graph: AccessGraph = {
  identities: ['User erik', 'Group system:authenticated'],
  bindings: [
    { ...binding, name: 'a', identity: 0, role: 0, allows: true },
    { ...binding, name: 'b', identity: 1, role: 0 },
    { ...binding, name: 'c', namespace: 'other', identity: 1, role: 1, isElsewhere: true },
  ],
  roles: [
    {
      kind: 'ClusterRole',
      name: 'view',
      namespace: '',
      isMissing: false,
      leftOut: 7,
      rules: [
        { text: 'get,list pods', lacks: [] },
        { text: `get ${'a-very-long-name,'.repeat(9)}`, lacks: ['verb', 'resource'] },
      ],
    },
    { kind: 'Role', name: 'gone', namespace: 'other', isMissing: true, leftOut: 0, rules: [] },
  ],
  leftOut: 0,
  verdict: undefined,
};

const overlap = ({ boxes }: AccessDrawing): boolean =>
  boxes.some((a, i) =>
    boxes.some((b, j) => i < j && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + boxHeight && b.y < a.y + boxHeight),
  );

const texts = ({ boxes }: AccessDrawing, kind: string): readonly string[] =>
  boxes.filter((box) => box.kind === kind).map(({ title, note, state }) => `${title} | ${note} | ${state}`);

test.each([
  { name: 'in columns', draw: drawWide, roles: 2, links: 9 },
  { name: 'indented', draw: drawNarrow, roles: 3, links: 12 },
])('$name: nothing overlaps or sticks out, and the way that allows is one line', ({ draw, roles, links }) => {
  const drawing = draw(graph, words);
  expect(overlap(drawing)).toBe(false);
  for (const { x, y, width } of drawing.boxes) expect(x + width <= drawing.width && y + boxHeight <= drawing.height).toBe(true);
  expect(texts(drawing, 'role')).toHaveLength(roles);
  expect(drawing.links).toHaveLength(links);
  expect(
    drawing.links
      .filter(({ allows }) => allows)
      .map(({ from, to }) => `${from.title} > ${to.title}`)
      .sort(),
  ).toEqual(['a > view', 'erik > a', 'view > get,list pods']);
});

test('a mark and words stand beside every colour, and long rules are cut', () => {
  const drawing = drawWide(graph, words);
  expect(texts(drawing, 'binding')).toEqual([
    'a | RoleBinding in shop | allows',
    'b | RoleBinding in shop | plain',
    'c | RoleBinding ✗ in other | lacks',
  ]);
  expect(texts(drawing, 'rule')).toEqual([
    'get,list pods | ✓ allows it | allows',
    'get a-very-long-name,a-very-lon… | ✗ not the verb, resource | lacks',
    '7 more |  | plain',
  ]);
  expect(texts(drawing, 'role')).toContain('gone | Role ✗ does not exist | lacks');
});

test('somebody whom nothing reaches stands alone', () => {
  const alone = { ...graph, identities: ['User nobody'], bindings: [], roles: [] };
  for (const draw of [drawWide, drawNarrow]) expect(draw(alone, words).boxes).toMatchObject([{ title: 'nobody', y: 0 }]);
});
