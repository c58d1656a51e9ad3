import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run } from './test-machine.ts';

/** Expected output is what bash 5.2 prints; where bash is installed, the second test compares. */
const cases: readonly [name: string, script: string, want: string][] = [
  ['quotes', `a='x y'; echo "$a" '$a' $a \\$a`, 'x y $a x y $a\n'],
  ['default', 'echo ${x:-a b} "${x:-"a  b"}" ${x-} [${y:=1}] $y ${y:+set}', 'a b a  b [1] 1 set\n'],
  ['lazy default', 'y=1; echo ${y:-$(echo no >&2)} ${z:-$(echo yes)}', '1 yes\n'],
  [
    'trim',
    'f=a/b.tar.gz; echo ${f%.*} ${f%%.*} ${f#*/} ${f##*.} ${#f} ${f/b/X} ${f:2:3} ${f^^}',
    'a/b.tar a/b b.tar.gz gz 10 a/X.tar.gz b.t A/B.TAR.GZ\n',
  ],
  ['substitution', 'echo "$(echo a; echo b)" $(echo c; echo d) `echo e`', 'a\nb c d e\n'],
  ['arithmetic', 'i=3; echo $((i * (2 + 4) % 5)) $((i++)) $i $((i > 3 ? 10 : 20)) $((1 << 4))', '3 3 4 10 16\n'],
  ['arithmetic with substitution', 'echo $(( $(echo 4) + ${x:-3} ))', '7\n'],
  ['splitting', 'a="1  2"; set -- $a "$a"; echo $#; IFS=:; b=x:y; set -- $b; echo $# $2', '3\n2 y\n'],
  ['arguments', 'f() { echo $# "$@" $1; }; f "a b" c; f', '2 a b c a b\n0\n'],
  ['empty arguments', 'set --; for a in "$@"; do echo no; done; set -- ""; for a in "$@"; do echo "[$a]"; done', '[]\n'],
  ['braces', 'echo {a,b}c {1..3} x{1..2}{a,b}', 'ac bc 1 2 3 x1a x1b x2a x2b\n'],
  ['globs', 'cd /tmp; touch a.txt b.txt c.md; echo *.txt "*.txt" *.none [bc].*', 'a.txt b.txt *.txt *.none b.txt c.md\n'],
  ['if', 'if false; then echo a; elif [ 1 -lt 2 ]; then echo b; else echo c; fi', 'b\n'],
  ['for', 'for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done', '1\n3\n'],
  ['for, arithmetic', 'for ((i=0; i<3; i++)); do echo -n $i; done; echo', '012\n'],
  ['while read', 'printf "a 1\\nb 2 3\\n" | while read k v; do echo "$v=$k"; done', '1=a\n2 3=b\n'],
  ['until', 'i=0; until [ $i -ge 3 ]; do i=$((i+1)); done; echo $i', '3\n'],
  ['break 2', 'for a in 1 2; do for b in 1 2; do echo $a$b; break 2; done; done', '11\n'],
  [
    'case',
    'for f in a.yaml b.txt "*"; do case $f in *.yaml|*.yml) echo y;; "*") echo star;; *) echo other;; esac; done',
    'y\nother\nstar\n',
  ],
  ['functions', 'f() { local x=in; y=out; return 3; }; x=1; f; echo $? $x $y', '3 1 out\n'],
  ['recursion', 'f() { [ $1 -eq 0 ] && return; echo $1; f $(($1-1)); }; f 3', '3\n2\n1\n'],
  ['and or', 'true && echo a || echo b; false && echo c || echo d; ! true; echo $?', 'a\nd\n1\n'],
  ['here document', 'x=1; cat <<EOF | grep x\nx=$x $((x+1))\ny\nEOF\ncat <<"E"\n$x\nE', 'x=1 2\n$x\n'],
  ['redirections', 'cd /tmp; { echo a; echo b >&2; } >f 2>&1; echo c >>f; cat <f; wc -l <<<"x"', 'a\nb\nc\n1\n'],
  ['loop into file', 'cd /tmp; for i in 1 2; do echo $i; done >f; sort -r f', '2\n1\n'],
  ['pipe status', 'true | false; echo $?; false | true; echo $?', '1\n0\n'],
  ['subshell', 'x=1; (x=2; cd /tmp; echo $x $(pwd)); echo $x', '2 /tmp\n1\n'],
  ['subshell is a copy', 'x=1; { x=2; } | cat; echo $x', '1\n'],
  ['prefix assignment', 'x=1; x=2 sh -c "echo \\$x"; echo $x', '2\n1\n'],
  ['nested sh -c', `sh -c 'sh -c "echo \\$0 \\$1; exit 3" n "$1"; echo $?' _ arg`, 'n arg\n3\n'],
  ['double brackets', 'a=bcd; [[ $a == b* && ! $a == "b*" ]] && echo yes; [[ -z $a || $a =~ ^b.d$ ]] && echo also', 'yes\nalso\n'],
  ['errexit', 'set -e; false || true; if false; then :; fi; echo a; false; echo b', 'a\n'],
  ['exit trap', 'trap "echo bye" EXIT; echo hi; exit 0', 'hi\nbye\n'],
  ['background', 'sleep 1 & p=$!; wait $p; echo $?; { sleep 2; exit 4; } & wait $!; echo $?', '0\n4\n'],
  ['kill', 'sleep 1000 & kill $!; wait $!; echo $?', '143\n'],
  ['trap', 'trap "echo got" TERM; kill $$; echo after', 'got\nafter\n'],
  ['trap waits for the foreground', 'trap "echo got" TERM; (sleep 1; kill $$) & sleep 2; echo slept', 'got\nslept\n'],
  ['pipes', 'seq 1 100 | grep 9 | grep -v 1 | sort -nr | head -n 3 | tr "\\n" " "', '99 98 97 '],
  ['tee and uniq', 'printf "b\\na\\nb\\n" | sort | uniq -c | tee /tmp/t | wc -l', '2\n'],
  ['eval and set', 'cmd="echo a; echo b"; eval "$cmd"; set -- x y; shift; echo $1', 'a\nb\ny\n'],
];

describe('the language', () => {
  test.each(cases)('%s', (_, script, want) => {
    const got = run(script);
    expect(got.out, got.err).toBe(want);
    expect([...got.machine.processes.values()].map((p) => p.argv[0])).toEqual(['init']);
  });
});

const hasBash = spawnSync('bash', ['--version']).status === 0;

describe.skipIf(!hasBash)('the same in the machine’s bash', () => {
  test('all cases, side by side', () => {
    const dir = mkdtempSync('/tmp/shell-oracle-');
    const inDir = (text: string, i: number): string => text.replaceAll('/tmp', `${dir}/${i}`);
    for (const [i, [, script]] of cases.entries()) {
      mkdirSync(`${dir}/${i}`);
      writeFileSync(`${dir}/${i}.sh`, `cd ${dir}/${i}; ${inDir(script, i)}`);
    }
    const all = cases.map((_, i) => `bash -c "$(cat ${dir}/${i}.sh)" >${dir}/${i}.out 2>/dev/null </dev/null &`).join('\n');
    spawnSync('bash', ['-c', `${all}\nwait`], { env: { PATH: process.env.PATH!, HOME: '/root' } });
    const got = cases.map(([name], i) => [name, readFileSync(`${dir}/${i}.out`, 'utf8')]);
    rmSync(dir, { recursive: true });
    expect(got).toEqual(cases.map(([name, , want], i) => [name, inDir(want, i)]));
  });
});
