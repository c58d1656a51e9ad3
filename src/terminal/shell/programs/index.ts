/** Every program that a container or a terminal can run. One line each. */
import type { Program } from '../../../emulator/kernel/index.ts';
import { sh } from '../sh.ts';
import { awk } from './awk/index.ts';
import { cat } from './cat.ts';
import { cut } from './cut.ts';
import { diff } from './diff.ts';
import { df, du, fallocate } from './disk.ts';
import { base64, hexdump, md5sum, sha1sum, sha256sum, sha512sum, strings } from './encodings.ts';
import { chmod, chown, cp, ln, mkdir, mktemp, mv, readlink, realpath, rm, rmdir, touch, truncate } from './file-tools.ts';
import { find } from './find.ts';
import { grep } from './grep.ts';
import { head } from './head.ts';
import { basename, column, dirname, fold, nl, paste, rev, seq, tac, yes } from './line-tools.ts';
import { jq } from './jq/index.ts';
import { less } from './less.ts';
import { ls } from './ls.ts';
import { mount } from './mount.ts';
import { nano } from './nano.ts';
import { openssl } from './openssl/index.ts';
import { kill, killall, pgrep, pidof, ps, uptime } from './processes.ts';
import { sed } from './sed.ts';
import { sort } from './sort.ts';
import { stat } from './stat.ts';
import {
  clear,
  date,
  echo,
  env,
  expr,
  hostname,
  id,
  nohup,
  printenv,
  printf,
  pwd,
  sleep,
  timeout,
  tty,
  uname,
  which,
  whoami,
} from './system-tools.ts';
import { tar } from './tar.ts';
import { tail } from './tail.ts';
import { tee } from './tee.ts';
import { test } from './test.ts';
import { tr } from './tr.ts';
import { uniq } from './uniq.ts';
import { vi } from './vi/index.ts';
import { free, top } from './usage.ts';
import { watch } from './watch.ts';
import { wc } from './wc.ts';
import { xargs } from './xargs.ts';

export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['[', test],
  ['awk', awk],
  ['base64', base64],
  ['basename', basename],
  ['bash', sh],
  ['cat', cat],
  ['chmod', chmod],
  ['chown', chown],
  ['clear', clear],
  ['column', column],
  ['cp', cp],
  ['cut', cut],
  ['date', date],
  ['df', df],
  ['diff', diff],
  ['dirname', dirname],
  ['du', du],
  ['echo', echo],
  ['egrep', grep],
  ['env', env],
  ['expr', expr],
  ['fallocate', fallocate],
  ['false', () => 1],
  ['fgrep', grep],
  ['find', find],
  ['fold', fold],
  ['grep', grep],
  ['head', head],
  ['hexdump', hexdump],
  ['hostname', hostname],
  ['id', id],
  ['jq', jq],
  ['kill', kill],
  ['killall', killall],
  ['less', less],
  ['ln', ln],
  ['ls', ls],
  ['md5sum', md5sum],
  ['mkdir', mkdir],
  ['mktemp', mktemp],
  ['mount', mount],
  ['more', less],
  ['mv', mv],
  ['nano', nano],
  ['nl', nl],
  ['nohup', nohup],
  ['paste', paste],
  ['pgrep', pgrep],
  ['openssl', openssl],
  ['pidof', pidof],
  ['pkill', pgrep],
  ['printenv', printenv],
  ['printf', printf],
  ['free', free],
  ['ps', ps],
  ['top', top],
  ['pwd', pwd],
  ['readlink', readlink],
  ['realpath', realpath],
  ['rev', rev],
  ['rm', rm],
  ['rmdir', rmdir],
  ['sed', sed],
  ['seq', seq],
  ['sh', sh],
  ['sha1sum', sha1sum],
  ['sha256sum', sha256sum],
  ['sha512sum', sha512sum],
  ['sleep', sleep],
  ['sort', sort],
  ['stat', stat],
  ['strings', strings],
  ['tac', tac],
  ['tail', tail],
  ['tar', tar],
  ['tee', tee],
  ['test', test],
  ['timeout', timeout],
  ['touch', touch],
  ['tr', tr],
  ['true', () => 0],
  ['truncate', truncate],
  ['tty', tty],
  ['uname', uname],
  ['uniq', uniq],
  ['uptime', uptime],
  ['vi', vi],
  ['vim', vi],
  ['watch', watch],
  ['wc', wc],
  ['which', which],
  ['whoami', whoami],
  ['xargs', xargs],
  ['yes', yes],
  ['zsh', sh],
]);
