/** The graph of access as a drawing: boxes in four columns, or below one another where there is no room. Only numbers and words, for tests and SVG. */
import type { AccessGraph, BindingView, RoleView, RuleView } from '../../lab/page/protocol.ts';

export interface Box {
  readonly kind: 'identity' | 'binding' | 'role' | 'rule';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Two lines, cut to the width. */
  readonly title: string;
  readonly note: string;
  /** It stands on a way that allows, or it is known not to. */
  readonly state: 'allows' | 'lacks' | 'plain';
}

export interface Link {
  readonly from: Box;
  readonly to: Box;
  readonly allows: boolean;
}

export interface AccessDrawing {
  readonly boxes: readonly Box[];
  readonly links: readonly Link[];
  readonly width: number;
  readonly height: number;
}

/** Words of the drawing, which the page translates. */
export interface AccessWords {
  readonly allows: string;
  readonly missing: string;
  readonly everywhere: string;
  readonly more: (count: number) => string;
  readonly lacks: (what: readonly string[]) => string;
  readonly inNamespace: (namespace: string) => string;
}

export const boxHeight = 38;
const rowHeight = 46;
/** Of a title, which is bold, and of the note below it. */
const letterWidth = { title: 6.8, note: 6.2 };
/** Room beside a title. */
const padding = 16;
const columns = { identity: [0, 145], binding: [165, 170], role: [355, 150], rule: [525, 235] } as const;
const narrowWidth = 330;
const indent = 14;

/** The four columns of a wide page: whom it is about, bindings, roles, rules. What belongs together begins at one height. */
export function drawWide(graph: AccessGraph, words: AccessWords): AccessDrawing {
  const boxes: Box[] = [];
  const links: Link[] = [];
  const place = (kind: Box['kind'], row: number, text: Text): Box => {
    const [x, width] = columns[kind];
    const box = { kind, x, y: row * rowHeight, width, ...cut(text, width) };
    boxes.push(box);
    return box;
  };
  /** Of each identity, its bindings. */
  const bound = graph.identities.map((): { readonly row: number; readonly box: Box; readonly allows: boolean }[] => []);
  let row = 0;
  graph.roles.forEach((role, roleIndex) => {
    const own = graph.bindings.filter((binding) => binding.role === roleIndex);
    const rules = ruleTexts(role, words);
    const isHeld = own.some(({ allows }) => allows);
    const roleBox = place('role', row, roleText(role, words, isHeld));
    for (const [i, rule] of rules.entries())
      links.push({ from: roleBox, to: place('rule', row + i, rule), allows: isHeld && rule.state === 'allows' });
    for (const [i, binding] of own.entries()) {
      const box = place('binding', row + i, bindingText(binding, words));
      links.push({ from: box, to: roleBox, allows: binding.allows });
      bound[binding.identity]!.push({ row: row + i, box, allows: binding.allows });
    }
    row += Math.max(own.length, rules.length, 1);
  });
  let freeRow = 0;
  const first = (i: number): number => Math.min(...bound[i]!.map((one) => one.row));
  for (const i of [...graph.identities.keys()].sort((a, b) => first(a) - first(b))) {
    const at = Math.max(freeRow, bound[i]!.length === 0 ? 0 : first(i));
    freeRow = at + 1;
    const box = place(
      'identity',
      at,
      identityText(
        graph.identities[i]!,
        bound[i]!.some(({ allows }) => allows),
      ),
    );
    for (const target of bound[i]!) links.push({ from: box, to: target.box, allows: target.allows });
  }
  const [x, width] = columns.rule;
  return { boxes, links, width: x + width, height: Math.max(row, freeRow) * rowHeight };
}

/** A tree whose branches are indented, for a phone. A role stands under each binding that names it. */
export function drawNarrow(graph: AccessGraph, words: AccessWords): AccessDrawing {
  const boxes: Box[] = [];
  const links: Link[] = [];
  const place = (depth: number, kind: Box['kind'], text: Text, parent?: Box, allows = false): Box => {
    const width = narrowWidth - depth * indent;
    const box = { kind, x: depth * indent, y: boxes.length * rowHeight, width, ...cut(text, width) };
    boxes.push(box);
    if (parent) links.push({ from: parent, to: box, allows });
    return box;
  };
  graph.identities.forEach((label, i) => {
    const own = graph.bindings.filter(({ identity }) => identity === i);
    const identity = place(
      0,
      'identity',
      identityText(
        label,
        own.some(({ allows }) => allows),
      ),
    );
    for (const binding of own) {
      const role = graph.roles[binding.role]!;
      const bindingBox = place(1, 'binding', bindingText(binding, words), identity, binding.allows);
      const roleBox = place(2, 'role', roleText(role, words, binding.allows), bindingBox, binding.allows);
      for (const rule of ruleTexts(role, words)) place(3, 'rule', rule, roleBox, binding.allows && rule.state === 'allows');
    }
  });
  return { boxes, links, width: narrowWidth, height: boxes.length * rowHeight };
}

type Text = Pick<Box, 'title' | 'note' | 'state'>;

function cut({ title, note, state }: Text, width: number): Text {
  const short = (text: string, letter: number): string => {
    const most = Math.floor((width - padding) / letter);
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
  };
  return { title: short(title, letterWidth.title), note: short(note, letterWidth.note), state };
}

/** `User erik`: the name above its kind. */
function identityText(label: string, allows: boolean): Text {
  const [kind = '', ...name] = label.split(' ');
  return { title: name.join(' '), note: kind, state: allows ? 'allows' : 'plain' };
}

function bindingText({ kind, name, namespace, allows, isElsewhere }: BindingView, words: AccessWords): Text {
  const where = namespace === '' ? words.everywhere : words.inNamespace(namespace);
  return { title: name, note: `${kind} ${isElsewhere ? '✗ ' : ''}${where}`, state: allows ? 'allows' : isElsewhere ? 'lacks' : 'plain' };
}

function roleText({ kind, name, isMissing }: RoleView, words: AccessWords, allows: boolean): Text {
  return { title: name, note: isMissing ? `${kind} ✗ ${words.missing}` : kind, state: isMissing ? 'lacks' : allows ? 'allows' : 'plain' };
}

function ruleTexts({ rules, leftOut }: RoleView, words: AccessWords): readonly Text[] {
  const texts = rules.map((rule): Text => ({ title: rule.text, ...verdictOf(rule, words) }));
  return leftOut > 0 ? [...texts, { title: words.more(leftOut), note: '', state: 'plain' }] : texts;
}

function verdictOf({ lacks }: RuleView, words: AccessWords): Pick<Text, 'note' | 'state'> {
  if (!lacks) return { note: '', state: 'plain' };
  return lacks.length === 0 ? { note: `✓ ${words.allows}`, state: 'allows' } : { note: `✗ ${words.lacks(lacks)}`, state: 'lacks' };
}
