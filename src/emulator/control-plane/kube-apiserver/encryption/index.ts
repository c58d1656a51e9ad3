/**
 * Encryption at rest: how objects lie in etcd where an EncryptionConfiguration says so. Upstream: apiserver/pkg/storage/value,
 * pkg/server/options/encryptionconfig.
 *
 * - What is stored is shared with every reader, so nothing is decrypted: a value is marked with the provider, key and
 *   initialization vector that it was written with, and a server that lacks the key may not read it. The bytes are made
 *   when someone looks at them (`etcdctl get`), and are those that the algorithm gives.
 * - The first provider that a resource's configuration names writes; all of them read. A value that was not written by the
 *   first one's first key is stale, and an update writes it anew even when it changes nothing.
 *
 * Deliberately absent: providers of type kms, for which there is no plugin; automatic reload of the file.
 */
export { readEncryptionConfiguration } from './configuration.ts';
export { Encryption } from './encryption.ts';
export type { EncryptedResources, Provider } from './provider.ts';
