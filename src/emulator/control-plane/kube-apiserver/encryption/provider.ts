/** The algorithms, and what they make of an object. Upstream: apiserver/pkg/storage/value/encrypt. */
import { cbc, gcm } from '@noble/ciphers/aes.js';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { bytesOf, toUint8Array, utf8 } from '../../../kernel/index.ts';
import type { ByteString, Random } from '../../../kernel/index.ts';
import { goJson } from '../../../machinery/json.ts';
import type { SealedForm } from '../../etcd/index.ts';

export type Algorithm = 'aescbc' | 'aesgcm' | 'secretbox';

export interface Key {
  readonly name: string;
  readonly secret: Uint8Array;
}

/** 'identity' writes in plain and reads only that. */
export type Provider = { readonly algorithm: 'identity' } | { readonly algorithm: Algorithm; readonly keys: readonly Key[] };

/** One entry of the configuration. */
export interface EncryptedResources {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.`, `*.*`. */
  readonly resources: readonly string[];
  readonly providers: readonly Provider[];
}

const vectorBytes: Readonly<Record<Algorithm, number>> = { aescbc: 16, aesgcm: 12, secretbox: 24 };

/** An object as one key seals it. */
export class Sealed implements SealedForm {
  readonly algorithm: Algorithm;
  readonly key: Key;
  readonly #object: object;
  readonly #vector: Uint8Array;

  constructor(algorithm: Algorithm, key: Key, object: object, random: Random) {
    this.algorithm = algorithm;
    this.key = key;
    this.#object = object;
    this.#vector = Uint8Array.from({ length: vectorBytes[algorithm] }, () => random.below(256));
  }

  /** `k8s:enc:<algorithm>:v1:<key>:`, the initialization vector, and the sealed JSON of the object. */
  get bytes(): ByteString {
    const plain = toUint8Array(utf8(goJson(this.#object)));
    const sealed = cipherOf(this.algorithm, this.key.secret, this.#vector).encrypt(plain);
    return `${utf8(`k8s:enc:${this.algorithm}:v1:${this.key.name}:`)}${bytesOf(this.#vector)}${bytesOf(sealed)}` as ByteString;
  }
}

function cipherOf(algorithm: Algorithm, secret: Uint8Array, vector: Uint8Array): { encrypt(plain: Uint8Array): Uint8Array } {
  if (algorithm === 'aescbc') return cbc(secret, vector);
  return algorithm === 'aesgcm' ? gcm(secret, vector) : xsalsa20poly1305(secret, vector);
}
