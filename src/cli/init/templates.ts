/** The files of a course's repository. */
import { pointsOf } from '../../lab/format.ts';
import type { LabDefinition } from '../../lab/format.ts';

export function packageJson(name: string, course: string): string {
  const safe =
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'course';
  const value = { name: safe, private: true, scripts: { test: 'sh ci/check.sh text' }, dependencies: { 'inside-kubernetes': course } };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Tabs and separators are POSIX shell's: it runs in any image that has Node. */
export const checkScript = `#!/bin/sh
# Checks every exercise that somebody has begun. The argument says for whom: text, github-actions or gitlab.
format=\${1:-text}
status=0
mkdir -p reports
for exercise in exercises/*/; do
  name=$(basename "$exercise")
  lab=$(cat "$exercise/lab")
  if [ -f "$exercise/submission.json" ]; then
    set -- --submission "$exercise/submission.json"
  elif [ -f "$exercise/solution.sh" ]; then
    set -- --script "$exercise/solution.sh"
  elif [ -n "$(find "\${exercise}manifests" -name '*.yaml' -o -name '*.yml' -o -name '*.json')" ]; then
    set -- --manifests "\${exercise}manifests"
  else
    echo "$name: not begun"
    continue
  fi
  case $format in
    github-actions) formats=text,github-actions ;;
    gitlab) formats="text,junit=reports/$name.xml,gitlab=reports/$name.json" ;;
    *) formats=$format ;;
  esac
  echo "== $name"
  npx labs check "$lab" "$@" --overlay overlay.yaml --format "$formats" || status=1
done
exit $status
`;

/** Read rights are all that it needs: annotations are lines of the log. */
export const githubWorkflow = `name: labs
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 20
      - run: npm install --no-audit --no-fund
      - run: sh ci/check.sh github-actions
`;

export const gitlabPipeline = `labs:
  image: node:20
  script:
    - npm install --no-audit --no-fund
    - sh ci/check.sh gitlab
  artifacts:
    when: always
    reports:
      junit: reports/*.xml
      codequality: reports/*.json
`;

export function overlayFile(labs: readonly LabDefinition[]): string {
  const [first] = labs;
  return `# The instructor's: other points and hidden checks, without editing a lab. For example:
#
# labs:
#   ${first!.path}:
#     points: { ${first!.tasks[0]!.id}: 5 }
#     hidden:
#       - { id: default-empty, title: Nothing runs in the namespace default, points: 2 }
#     checks: hidden.mjs
#
# and in hidden.mjs, beside this file:
#
# export default (lab, { test, expect }) => {
#   test('default-empty', async () => {
#     expect(await lab.list('pods', { namespace: 'default' })).toEqual([]);
#   });
# };
schema: labs/overlay/v1
labs: {}
`;
}

export function exerciseReadme(lab: LabDefinition): string {
  const tasks = lab.tasks.map(({ title, points }) => `- ${title} (${points} ${points === 1 ? 'point' : 'points'})`);
  return `# ${lab.title}

${lab.summary} About ${lab.minutes} minutes, ${pointsOf(lab)} points.

${tasks.join('\n')}

Put one of these into this folder, commit and push:

- manifests into \`manifests/\`, which are applied as \`kubectl apply -f\` does,
- a script \`solution.sh\`, as you would type it,
- \`submission.json\`, which the lab's page and \`npx labs shell ${lab.path}\` export.
`;
}

export function readme(labs: readonly LabDefinition[]): string {
  const list = labs.map(
    (lab) => `| [${lab.title}](exercises/${lab.path.replace('/', '-')}/README.md) | ${lab.minutes} minutes | ${pointsOf(lab)} |`,
  );
  return `# Exercises

| exercise | time | points |
|---|---|---|
${list.join('\n')}

    npm install
    npm test        # checks every exercise that you have begun

Every push is checked: by \`.github/workflows/labs.yml\` on GitHub, by \`.gitlab-ci.yml\` on GitLab. What is wrong in a manifest stands beside its line.

For instructors: \`overlay.yaml\` changes points and adds hidden checks. \`gradescope/autograder.zip\` is uploaded to Gradescope as it is. \`package.json\` says where npm gets the course; an address that your CI can reach has to stand there.
`;
}
