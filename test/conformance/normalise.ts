/** What the two clients' output cannot have in common, each with its reason. */
import type { Result } from './real-kubectl.ts';

const inside = '172.18.0.2:6443';

interface Place {
  /** The URL of the API server. */
  readonly server: string;
  /** The working directory. */
  readonly home: string;
}

/** `line` is the command. */
export function normalise(line: string, { out, err, code }: Result, { server, home }: Place): Result {
  const clean = (text: string): string =>
    text
      // The same server, from outside and from inside.
      .replaceAll(server, `https://${inside}`)
      .replaceAll(server.replace('https://', ''), inside)
      .replaceAll(home, 'HOME')
      // What the client says of itself.
      .replaceAll(/^(Client|Kustomize) Version: .*/gm, '$1 Version')
      .replaceAll(/^clientVersion:\n( {2}.*\n)+kustomizeVersion: .*/gm, 'clientVersion')
      // Names of Events end in the time and a number that is drawn.
      .replaceAll(/\.[0-9a-f]{16}\b/g, '.EVENT')
      // How long a pull and a start take is drawn too, and what else draws in between is not the same.
      .replaceAll(/^( *(?:Started|Finished): .*)\d\d:\d\d:\d\d/gm, '$1TIME')
      .replaceAll(/\d\d:\d\d:\d\d(?= \[notice\])/g, 'TIME')
      .replaceAll('kubectl.1.33', 'kubectl')
      // v1.34 no longer writes these, v1.33 does.
      .replaceAll(/^( *)metadata:\n\1 {2}creationTimestamp: null\n(?!\1 )/gm, '$1metadata: {}\n')
      .replaceAll(/^ *creationTimestamp: null\n/gm, '')
      .replaceAll('preferences: {}\n', '')
      // v1.34 names ports in descriptions, v1.33 does not.
      .replaceAll(/(\d+\/TCP) \(\w+\)/g, '$1')
      // v1.34 says where from, v1.33 does not.
      .replaceAll(/ from \S+ namespace\b/g, '')
      // Both clusters draw from equal random sources, but not equally often: one of the two may ask once more.
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
      .replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access-RANDOM')
      .replaceAll(/-[bcdfghjklmnpqrstvwxz2456789]{5}(?=[\s/'":,\]]|$)/gm, '-RANDOM')
      // The real one reads its own clock, which does not wait for the cluster's.
      .replaceAll(/(restartedAt: )\S+/g, '$1TIME')
      // Where something lies in the real one's memory.
      .replaceAll(/0xc[0-9a-f]{9}\b/g, 'ADDRESS')
      // Random names of temporary files, and the times in a diff's head.
      .replaceAll(/\/tmp\/(LIVE|MERGED)-\d+/g, '/tmp/$1')
      .replaceAll(/^(diff|---|\+\+\+) .*\n/gm, '');
  const errors = clean(err);
  return {
    out: agesByClient.test(line) ? withoutAges(clean(out)) : clean(out),
    err: line.startsWith('drain ') ? inOrder(errors) : errors,
    code,
  };
}

/** `drain` gathers its reasons in a map, and Go walks a map in any order (kubectl, `drain.PodDeleteList.errors`). */
function inOrder(text: string): string {
  const reason = /cannot delete .*?(?=, cannot delete |\]|$)/gm;
  const sorted = (run: string): string => {
    const reasons = (run.match(reason) ?? []).sort();
    return run.replaceAll(reason, () => reasons.shift()!);
  };
  return text.replaceAll(/\[cannot delete .*\]/g, sorted).replaceAll(/(^cannot delete .*\n)+/gm, sorted);
}

/** These print ages by the client's clock, which is not the cluster's. */
const agesByClient = /^(describe|events)\b/;
const age = /(^|\s)(<invalid>|(\d+[smhdy])+)( \(x\d+ over (\d+[smhdy])+\))?(\s{2,}|$)/;
const headOfAges = /\bAge\b|LAST SEEN|^\s*----/;

/** Ages, and the widths of the columns that follow from them. */
function withoutAges(out: string): string {
  return out
    .split('\n')
    .map((line) =>
      age.test(line) || headOfAges.test(line)
        ? line
            .replace(age, '$1AGE  ')
            .replaceAll(/ {2,}|-{4,}/g, '  ')
            .trimEnd()
        : line,
    )
    .join('\n');
}
