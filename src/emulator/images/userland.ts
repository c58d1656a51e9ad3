/** Which of the terminal's programs the usual base images carry. */
import type { Program } from '../kernel/index.ts';
import type { Files } from './image.ts';
import { programsIn } from './image.ts';

const coreutils = [
  'base64',
  'basename',
  'cat',
  'chmod',
  'chown',
  'cp',
  'cut',
  'date',
  'df',
  'dirname',
  'du',
  'echo',
  'env',
  'expr',
  'false',
  'head',
  'hostname',
  'id',
  'kill',
  'ln',
  'ls',
  'md5sum',
  'mkdir',
  'mktemp',
  'mount',
  'mv',
  'nl',
  'paste',
  'printenv',
  'printf',
  'pwd',
  'readlink',
  'realpath',
  'rm',
  'rmdir',
  'seq',
  'sha256sum',
  'sleep',
  'sort',
  'stat',
  'tac',
  'tail',
  'tar',
  'tee',
  'test',
  '[',
  'timeout',
  'touch',
  'tr',
  'true',
  'uname',
  'uniq',
  'wc',
  'whoami',
  'yes',
];
const busyboxOnly = [
  'awk',
  'clear',
  'diff',
  'find',
  'grep',
  'less',
  'more',
  'nc',
  'netstat',
  'nslookup',
  'ping',
  'pkill',
  'ps',
  'rev',
  'sed',
  'sh',
  'ash',
  'traceroute',
  'uptime',
  'vi',
  'watch',
  'wget',
  'which',
  'xargs',
  'ip',
  'top',
  'free',
  'killall',
];

/** busybox's applets in /bin. */
export function busyboxFiles(programs: ReadonlyMap<string, Program>): Files {
  return { ...programsIn('/bin', [...coreutils, ...busyboxOnly], programs), ...accounts('/bin/sh') };
}

/** What a slim Debian image has, and no more: no ps, no ping, no editor. */
export function debianFiles(programs: ReadonlyMap<string, Program>): Files {
  return {
    ...programsIn('/usr/bin', [...coreutils, 'awk', 'diff', 'find', 'grep', 'sed', 'which', 'xargs', 'getent'], programs),
    ...programsIn(
      '/bin',
      ['sh', 'bash', 'cat', 'ls', 'echo', 'sleep', 'grep', 'sed', 'date', 'rm', 'mkdir', 'cp', 'mv', 'touch', 'true', 'false', 'hostname'],
      programs,
    ),
    '/etc/debian_version': '12.11\n',
    '/etc/os-release':
      'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\nHOME_URL="https://www.debian.org/"\n',
    ...accounts('/bin/bash'),
  };
}

function accounts(shell: string): Files {
  return {
    '/etc/passwd': `root:x:0:0:root:/root:${shell}\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
    '/etc/group': 'root:x:0:\nnogroup:x:65534:\n',
    '/etc/nsswitch.conf': 'hosts: files dns\n',
  };
}
