/**
 * Gradescope's autograder: a zip with `setup.sh` and `run_autograder` at its root, unpacked to `/autograder/source`; what a learner
 * handed in lies in `/autograder/submission`, and `/autograder/results/results.json` is what it reads.
 * https://gradescope-autograders.readthedocs.io/en/latest/specs/
 */
import { zipSync } from 'fflate';
import type { LabDefinition } from '../../lab/format.ts';
import { overlayFile, packageJson } from './templates.ts';

/** Unix, and executable for everybody. */
const executable = { os: 3, attrs: (0o100755 << 16) >>> 0 } as const;

export function autograderZip(labs: readonly LabDefinition[], course: string): Uint8Array {
  const text = (content: string): Uint8Array => Buffer.from(content);
  return zipSync({
    'setup.sh': [text(setup), executable],
    run_autograder: [text(runAutograder(labs)), executable],
    'package.json': text(packageJson('autograder', course)),
    'overlay.yaml': text(overlayFile(labs)),
  });
}

/** Gradescope's images are Ubuntu, whose own Node may be too old. */
const setup = `#!/usr/bin/env bash
set -euo pipefail
apt-get update
apt-get install -y ca-certificates curl xz-utils
curl -fsSL https://nodejs.org/dist/v20.19.0/node-v20.19.0-linux-x64.tar.xz | tar -xJ -C /usr/local --strip-components=1
cd /autograder/source
npm install --no-audit --no-fund
`;

const runAutograder = (labs: readonly LabDefinition[]): string => `#!/usr/bin/env bash
# One class of one: what the learner handed in, graded as everywhere else.
set -uo pipefail
cd /autograder/source
rm -rf /tmp/class /tmp/grades
mkdir -p /tmp/class /autograder/results
cp -r /autograder/submission /tmp/class/submission
npx labs grade /tmp/class ${labs.map(({ path }) => `--lab ${path}`).join(' ')} --overlay overlay.yaml --format gradescope --out /tmp/grades --jobs 1
[ $? -le 1 ] && cp /tmp/grades/gradescope/submission/results.json /autograder/results/results.json
`;
