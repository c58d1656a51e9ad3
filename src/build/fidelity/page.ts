import type { KindFields } from './fields.ts';

/** The page of fields, in Markdown. */
export function fieldsPage(kinds: readonly KindFields[]): string {
  const count = (fate: keyof KindFields['fields']): number => kinds.reduce((sum, { fields }) => sum + fields[fate].length, 0);
  const row = ({ apiVersion, kind, fields: { acts, warned, refused, kept } }: KindFields): string =>
    `| ${kind} | ${apiVersion} | ${acts.length} | ${warned.length} | ${refused.length} | ${kept.length} |`;
  const list = (fate: 'warned' | 'kept'): string =>
    kinds
      .filter(({ fields }) => outermost(fields[fate]).length > 0)
      .map(
        ({ kind, fields }) =>
          `- **${kind}**: ${outermost(fields[fate])
            .map((field) => `\`${field}\``)
            .join(', ')}`,
      )
      .join('\n');
  return `---
title: Fields
description: What becomes of every field of every built-in kind.
---

# Fields

Made from the code by \`npm run fidelity\`; a test holds this page to it. A field *acts* when a component reads it by its name, is *warned* of when the API server says that it has no effect, *refused* when validation forbids it, and *kept* when it is stored and nobody reads it. That a field is read does not prove that all of its effect is there; the tests of the rooms do that. The fields of a Pod template are counted once, with Pod; \`apiVersion\`, \`kind\`, \`metadata\` and \`status\` are left out.

| kind | version | acts | warned | refused | kept |
|---|---|---|---|---|---|
${kinds.map(row).join('\n')}
| **all** | | **${count('acts')}** | **${count('warned')}** | **${count('refused')}** | **${count('kept')}** |

## Answered with a warning

${list('warned')}

## Kept only

${list('kept')}
`;
}

/** Fields without those inside of another one. */
function outermost(fields: readonly string[]): readonly string[] {
  return fields.filter(
    (field) => !fields.some((other) => field !== other && (field.startsWith(`${other}.`) || field.startsWith(`${other}[`))),
  );
}
