/** What etcd answers when it cannot do what it was asked. Upstream: api/v3rpc/rpctypes/error.go. */
export class EtcdError extends Error {}

export const etcdErrors = {
  timeout: 'etcdserver: request timed out',
  timeoutLeaderFailed: 'etcdserver: request timed out, possibly due to previous leader failure',
  timeoutConnectionLost: 'etcdserver: request timed out, possibly due to connection lost',
  leaderChanged: 'etcdserver: leader changed',
  noLeader: 'etcdserver: no leader',
  noSpace: 'etcdserver: mvcc: database space exceeded',
  compacted: 'etcdserver: mvcc: required revision has been compacted',
  futureRevision: 'etcdserver: mvcc: required revision is a future revision',
  leaseNotFound: 'etcdserver: requested lease not found',
  memberNotFound: 'etcdserver: member not found',
  memberExists: 'etcdserver: member ID already exist',
  peerURLExists: 'etcdserver: Peer URLs already exists',
  memberNotLearner: 'etcdserver: can only promote a learner member',
  learnerNotReady: 'etcdserver: can only promote a learner member which is in sync with leader',
  tooManyLearners: 'etcdserver: too many learner members in cluster',
  unhealthy: 'etcdserver: unhealthy cluster',
  notEnoughStarted: 'etcdserver: re-configuration failed due to not enough started members',
  notLeader: 'etcdserver: not leader',
  badTransferee: 'etcdserver: bad leader transferee',
  rpcNotSupportedForLearner: 'etcdserver: rpc not supported for learner',
  leaseTTLTooLarge: 'etcdserver: too large lease TTL',
  rootUserNotExist: 'etcdserver: root user does not exist',
  userNotFound: 'etcdserver: user name not found',
  roleNotFound: 'etcdserver: role name not found',
  stopped: 'rpc error: code = Unavailable desc = error reading from server: EOF',
} as const;

export function etcdError(name: keyof typeof etcdErrors): EtcdError {
  return new EtcdError(etcdErrors[name]);
}
