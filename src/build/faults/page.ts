/** The page of faults: a table made from their descriptors. */
import { faults } from '../../emulator/faults/index.ts';

const head = `---
title: Faults
sidebar_position: 2
description: What can be broken in a cluster, where it shows and what mends it.
---

# Faults

{/* Made by \`npm run faults\`. */}

A lab breaks its cluster with \`faults\` in \`lab.yaml\`:

\`\`\`yaml
cluster:
  faults:
    - fault: kubelet-stopped
      node: node-2
    - fault: cordoned
      node: node-1
      at: 5m
    - fault: kubelet-stopped
      node: node-2
      after: node-is-ready
    - choose: 1
      of:
        - fault: coredns-broken
          mistake: domain
        - fault: kube-proxy-broken
          mistake: server
\`\`\`

- A fault without \`at\` and \`after\` comes after the start manifests and before the learner, who finds its symptoms. \`brokenFor: 10m\` beside \`faults\` makes the outage older.
- \`at\` counts virtual time from the learner's arrival. \`after\` names a task: once that is green, it breaks. So a mend that hid the symptom is found out.
- \`choose\` takes so many of a list. The seed decides: seeds that follow one another choose differently, and go through all combinations.
- \`labs serve --stdin-commands\` takes the same on one line: \`fault kubelet-stopped node=node-2\`.

A fault is a cause, never a symptom: a file, a unit, a process, a link, an object. It is over when somebody has mended the cause. A lab with faults does not run on a real cluster.

`;

/** Text in a page of MDX: braces and angle brackets outside of code would be markup. */
function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replaceAll('{', '\\{').replaceAll('<', '\\<')))
    .join('');
}

export function faultsPage(): string {
  const sections = faults.map(({ name, cause, symptoms, mend, parameters }) => {
    const rows = Object.entries(parameters).map(
      ([key, { about, fallback, schema }]) =>
        `- \`${key}\`: ${prose(about)}${Array.isArray(schema.enum) ? ` (${schema.enum.map((word) => `\`${word}\``).join(', ')})` : ''}${fallback === undefined ? '; must be given' : `; \`${fallback}\` by default`}`,
    );
    return `## ${name}\n\n**Cause.** ${prose(cause)}\n\n**Symptoms.** ${prose(symptoms)}\n\n**Mend.** ${prose(mend)}\n${rows.length > 0 ? `\n${rows.join('\n')}\n` : ''}`;
  });
  return head + sections.join('\n');
}
