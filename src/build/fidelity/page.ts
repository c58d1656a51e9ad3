import type { Fate, Field, KindFields } from './fields.ts';
import type { Shown, ShownBy } from './shown.ts';
import { told } from './told.ts';

const fates: readonly Fate[] = ['acts', 'warned', 'refused', 'dropped', 'told', 'read', 'kept'];

/** The page of fields, in Markdown. */
export function fieldsPage(kinds: readonly KindFields[], shown: Shown): string {
  const count = (fate: Fate): number => kinds.reduce((sum, { fields }) => sum + fields[fate].length, 0);
  const row = ({ apiVersion, kind, fields }: KindFields): string =>
    `| ${kind} | ${apiVersion} | ${fates.map((fate) => fields[fate].length).join(' | ')} |`;
  return `---
title: Fields
description: What becomes of every field of every built-in kind, and which test shows it.
---

# Fields

Made by \`npm run fidelity\`; a test holds this page to the code. A field is named by the type that has it. A type that stands in several places (a probe, a selector, a Pod's template) is counted once, with the first kind that has it. \`apiVersion\`, \`kind\`, \`metadata\` and \`status\` are left out, and so are kinds that show the objects of another one.

- A field *acts* when the test that is named for it fails without it. To find that out, \`npm run fidelity:prove\` runs the tests of the components again and again, each time with one field hidden: what a client or a component writes loses it before anything else sees it, and validation does not mind. The test is one of few fields, in a room of the type's name where there is one.
- It is *warned* of when the API server says that it has no effect here, and *refused* when validation forbids it.
- It is *dropped* when the API server takes it out of the object: it is behind a feature gate that is off in v1.34.
- It is *told* when no component of Kubernetes does anything with it, or when hiding it would prove nothing. The list says which.
- It is *read* when a component reads a field of this name, but no test was found that fails without it. It may act, or not.
- It is *kept* when it is stored and nobody reads it.

What the naming proves: in the place of the test, the cluster does something else with the field than without it. What it does not: that all of its values act, that it acts in every place where the type stands, or that the test was written for it; a test that only looks at what was stored would fail too, which is why the tests of the API's own rooms are no witnesses.

| kind | version | ${fates.join(' | ')} |
|---|---|${fates.map(() => '---').join('|')}|
${kinds.map(row).join('\n')}
| **all** | | ${fates.map((fate) => `**${count(fate)}**`).join(' | ')} |

## Answered with a warning

${pathsByKind(kinds, 'warned')}

## Dropped

${pathsByKind(kinds, 'dropped')}

## Told

${toldByKind(kinds)}

## Read, and shown by no test

${namesByKind(kinds, 'read')}

## Kept only

${pathsByKind(kinds, 'kept')}

## What acts, and the test that shows it

${kinds
  .filter(({ fields }) => fields.acts.length > 0)
  .map(({ kind, fields }) => `### ${kind}\n\n${byTest(fields.acts, shown)}`)
  .join('\n\n')}
`;
}

const code = (text: string): string => `\`${text}\``;

function listByKind(kinds: readonly KindFields[], fate: Fate, texts: (fields: readonly Field[]) => readonly string[]): string {
  return kinds
    .filter(({ fields }) => fields[fate].length > 0)
    .map(({ kind, fields }) => `- **${kind}**: ${texts(fields[fate]).map(code).join(', ')}`)
    .join('\n');
}

const pathsByKind = (kinds: readonly KindFields[], fate: Fate): string =>
  listByKind(kinds, fate, (fields) => outermost(fields.map(({ path }) => path)));
const namesByKind = (kinds: readonly KindFields[], fate: Fate): string =>
  listByKind(kinds, fate, (fields) => fields.map(({ name }) => name));

/** Each field with its reason, which fields that stand together share. */
function toldByKind(kinds: readonly KindFields[]): string {
  const lineOf = ({ kind, fields }: KindFields): string => {
    const reasons = new Map<string, string[]>();
    for (const { name } of fields.told) {
      const reason = told.get(name)!;
      const names = reasons.get(reason);
      if (names) names.push(name);
      else reasons.set(reason, [name]);
    }
    return [...reasons].map(([reason, names]) => `- **${kind}**: ${names.map(code).join(', ')}: ${reason}`).join('\n');
  };
  return kinds
    .filter(({ fields }) => fields.told.length > 0)
    .map(lineOf)
    .join('\n');
}

/** Fields without those inside of another one. */
function outermost(fields: readonly string[]): readonly string[] {
  return fields.filter(
    (field) => !fields.some((other) => field !== other && (field.startsWith(`${other}.`) || field.startsWith(`${other}[`))),
  );
}

/** A line for each test, with the fields that it shows. */
function byTest(fields: readonly Field[], shown: Shown): string {
  const tests = new Map<string, { readonly by: ShownBy; readonly names: string[] }>();
  for (const { name } of fields) {
    const by = shown.get(name)!;
    const key = `${by.file} ${by.name}`;
    const known = tests.get(key);
    if (known) known.names.push(name);
    else tests.set(key, { by, names: [name] });
  }
  return [...tests.values()].map(({ by, names }) => `- ${names.map(code).join(', ')}: ${code(plain(by.name))}, ${by.file}`).join('\n');
}

const plain = (text: string): string => text.replaceAll('`', "'");
