/** The commands and flags of etcdctl, as data: the parser, the help and the environment's variables read them. Upstream: etcdctl/ctlv3/ctl.go. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  /** `true` as the default of a switch that is on, as Go prints it; empty text where there is none. */
  readonly type: 'bool' | 'int' | 'string' | 'duration' | 'list';
  readonly default: string;
  readonly about: string;
}

const flag = (name: string, type: Flag['type'], about: string, fallback = type === 'bool' ? 'false' : type === 'int' ? '0' : ''): Flag => ({
  name,
  type,
  default: fallback,
  about,
});

export const globalFlags: readonly Flag[] = [
  flag('cacert', 'string', 'the authority by which servers are believed'),
  flag('cert', 'string', 'the certificate that is shown'),
  flag('command-timeout', 'duration', 'how long a short command may take', '5s'),
  flag('debug', 'bool', 'print the flags as they are'),
  flag('dial-timeout', 'duration', 'how long a connection may take', '2s'),
  { ...flag('discovery-srv', 'string', 'a domain whose SRV records name the endpoints'), short: 'd' },
  flag('discovery-srv-name', 'string', 'the name of the service in those records'),
  flag('endpoints', 'list', 'the members to ask', '127.0.0.1:2379'),
  flag('hex', 'bool', 'print bytes and identifiers in hexadecimal digits'),
  flag('insecure-discovery', 'bool', 'believe SRV records that are not secured', 'true'),
  flag('insecure-skip-tls-verify', 'bool', "do not look at the server's certificate"),
  flag('insecure-transport', 'bool', 'speak without TLS', 'true'),
  flag('keepalive-time', 'duration', 'time between two signs of life', '2s'),
  flag('keepalive-timeout', 'duration', 'how long one is waited for', '6s'),
  flag('key', 'string', 'the key of the certificate that is shown'),
  flag('max-recv-bytes', 'int', 'the largest answer'),
  flag('max-request-bytes', 'int', 'the largest request'),
  flag('password', 'string', 'the password of --user'),
  flag('user', 'string', 'who asks, as NAME[:PASSWORD]'),
  { ...flag('write-out', 'string', 'fields, json, protobuf, simple or table', 'simple'), short: 'w' },
];

export interface CommandWords {
  /** The words that call it: `member add`. */
  readonly path: string;
  /** What stands behind them. */
  readonly args: string;
  readonly about: string;
  readonly flags?: readonly Flag[];
}

const consistency = flag('consistency', 'string', 'linearizable (l) or serializable (s)', 'l');
const peerUrls = flag('peer-urls', 'string', 'where its peers find it, separated by commas');
const prefix = flag('prefix', 'bool', 'all keys that begin so');
const fromKey = flag('from-key', 'bool', 'all keys from this one on');
const previous = flag('prev-kv', 'bool', 'show also what was there before');
const cluster = flag('cluster', 'bool', 'ask all members that the cluster has');
const interactive: Flag = { ...flag('interactive', 'bool', 'ask for each part'), short: 'i' };

/** A group has commands below it and is none itself. */
export const groups: readonly CommandWords[] = [
  { path: 'alarm', args: '<subcommand>', about: 'alarms of members' },
  { path: 'auth', args: '<enable or disable>', about: 'whether users must log in' },
  { path: 'check', args: '<subcommand>', about: 'what a cluster can bear' },
  { path: 'downgrade', args: '<subcommand>', about: 'the way to an older version' },
  { path: 'endpoint', args: '<subcommand>', about: 'the members that are named as endpoints' },
  { path: 'lease', args: '<subcommand>', about: 'leases, with which keys go' },
  { path: 'member', args: '<subcommand>', about: 'who belongs to the cluster' },
  { path: 'role', args: '<subcommand>', about: 'roles of users' },
  { path: 'snapshot', args: '<subcommand>', about: 'a copy of all that there is' },
  { path: 'user', args: '<subcommand>', about: 'users' },
];

export const commands: readonly CommandWords[] = [
  { path: 'alarm disarm', args: '', about: 'end all alarms' },
  { path: 'alarm list', args: '', about: 'show alarms' },
  { path: 'auth disable', args: '', about: 'let everybody in' },
  { path: 'auth enable', args: '', about: 'ask for users' },
  { path: 'auth status', args: '', about: 'show which of both' },
  { path: 'check datascale', args: '[options]', about: 'measure what a number of keys needs' },
  { path: 'check perf', args: '[options]', about: 'measure how fast the cluster is' },
  {
    path: 'compaction',
    args: '[options] <revision>',
    about: 'forget what is older than a revision',
    flags: [flag('physical', 'bool', 'wait until it is gone from the disk')],
  },
  { path: 'completion', args: '<bash|zsh|fish|powershell>', about: 'a script that completes words' },
  { path: 'defrag', args: '', about: 'give free pages of the file back', flags: [cluster] },
  {
    path: 'del',
    args: '[options] <key> [range_end]',
    about: 'delete keys',
    flags: [fromKey, prefix, previous, flag('range', 'bool', 'do not wait before a range is deleted')],
  },
  { path: 'downgrade cancel', args: '', about: 'end it' },
  { path: 'downgrade enable', args: '<TARGET_VERSION>', about: 'begin it' },
  { path: 'downgrade validate', args: '<TARGET_VERSION>', about: 'ask whether it can be' },
  {
    path: 'elect',
    args: '<election-name> [proposal]',
    about: 'take part in an election',
    flags: [{ ...flag('listen', 'bool', 'only look'), short: 'l' }],
  },
  {
    path: 'endpoint hashkv',
    args: '',
    about: 'a hash over the history of keys',
    flags: [cluster, flag('rev', 'int', 'up to this revision')],
  },
  { path: 'endpoint health', args: '', about: 'ask whether members can have the group agree', flags: [cluster] },
  { path: 'endpoint status', args: '', about: 'what each member says of itself', flags: [cluster] },
  {
    path: 'get',
    args: '[options] <key> [range_end]',
    about: 'show keys and values',
    flags: [
      consistency,
      flag('count-only', 'bool', 'only how many'),
      fromKey,
      flag('keys-only', 'bool', 'without values'),
      flag('limit', 'int', 'at most so many'),
      flag('max-create-rev', 'int', 'made at this revision or before'),
      flag('max-mod-rev', 'int', 'changed at this revision or before'),
      flag('min-create-rev', 'int', 'made at this revision or later'),
      flag('min-mod-rev', 'int', 'changed at this revision or later'),
      flag('order', 'string', 'ASCEND or DESCEND'),
      prefix,
      flag('print-value-only', 'bool', 'without keys'),
      flag('rev', 'int', 'as it was at this revision'),
      flag('sort-by', 'string', 'CREATE, KEY, MODIFY, VALUE or VERSION'),
    ],
  },
  { path: 'lease grant', args: '<ttl>', about: 'make a lease' },
  { path: 'lease keep-alive', args: '[options] <leaseID>', about: 'renew one', flags: [flag('once', 'bool', 'once and no more')] },
  { path: 'lease list', args: '', about: 'show all' },
  { path: 'lease revoke', args: '<leaseID>', about: 'end one, with its keys' },
  {
    path: 'lease timetolive',
    args: '<leaseID> [options]',
    about: 'show how long one lasts',
    flags: [flag('keys', 'bool', 'and its keys')],
  },
  {
    path: 'lock',
    args: '<lockname> [exec-command arg1 arg2 ...]',
    about: 'take a lock',
    flags: [flag('ttl', 'int', 'for so many seconds', '10')],
  },
  { path: 'make-mirror', args: '[options] <destination>', about: 'copy keys to another cluster' },
  { path: 'member add', args: '<memberName> [options]', about: 'let one in', flags: [flag('learner', 'bool', 'without a vote'), peerUrls] },
  { path: 'member list', args: '', about: 'show all', flags: [consistency] },
  { path: 'member promote', args: '<memberID>', about: 'give a learner its vote' },
  { path: 'member remove', args: '<memberID>', about: 'take one out' },
  { path: 'member update', args: '<memberID> [options]', about: 'change where its peers find it', flags: [peerUrls] },
  { path: 'move-leader', args: '<transferee-member-id>', about: 'let another member lead' },
  {
    path: 'put',
    args: '[options] <key> <value> (<value> can also be given from stdin)',
    about: 'store a value under a key',
    flags: [
      flag('ignore-lease', 'bool', 'keep the lease that the key has'),
      flag('ignore-value', 'bool', 'keep the value that the key has'),
      flag('lease', 'string', 'the lease with which the key goes, in hexadecimal digits', '0'),
      previous,
    ],
  },
  ...['add', 'delete', 'get', 'grant-permission', 'list', 'revoke-permission'].map(
    (verb): CommandWords => ({
      path: `role ${verb}`,
      args: '',
      about: 'roles of users',
      ...(verb.endsWith('permission') && { flags: [fromKey, prefix] }),
    }),
  ),
  { path: 'snapshot save', args: '<filename>', about: 'store one in a file' },
  { path: 'txn', args: '[options]', about: 'compare, and do one thing or the other', flags: [interactive] },
  ...['add', 'delete', 'get', 'grant-role', 'list', 'passwd', 'revoke-role'].map(
    (verb): CommandWords => ({
      path: `user ${verb}`,
      args: '',
      about: 'users',
      flags:
        verb === 'add'
          ? [
              flag('interactive', 'bool', 'ask for the password', 'true'),
              flag('new-user-password', 'string', 'the password'),
              flag('no-password', 'bool', 'by certificate alone'),
            ]
          : verb === 'passwd'
            ? [flag('interactive', 'bool', 'ask for the password', 'true')]
            : verb === 'get'
              ? [flag('detail', 'bool', 'and what its roles allow')]
              : [],
    }),
  ),
  { path: 'version', args: '', about: 'which etcdctl this is' },
  {
    path: 'watch',
    args: '[options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]',
    about: 'show changes as they come',
    flags: [
      { ...interactive, about: 'read what to watch line by line' },
      flag('prefix', 'bool', 'all keys that begin so'),
      previous,
      flag('progress-notify', 'bool', 'be told of revisions without a change'),
      flag('rev', 'int', 'from this revision on'),
    ],
  },
];
