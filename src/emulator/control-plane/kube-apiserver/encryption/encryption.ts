import type { Random } from '../../../kernel/index.ts';
import type { SealedForm } from '../../etcd/index.ts';
import type { Key, Provider } from './provider.ts';
import { Sealed } from './provider.ts';

const plain: readonly Provider[] = [{ algorithm: 'identity' }];

/** How one resource is written and read. */
export class Encryption {
  readonly #providers: readonly Provider[];
  readonly #random: Random;

  constructor(random: Random, providers: readonly Provider[] = plain) {
    this.#random = random;
    this.#providers = providers;
  }

  /** The form in which an object is to be stored; undefined for itself. */
  seal(object: object): SealedForm | undefined {
    const first = this.#providers[0]!;
    return first.algorithm === 'identity' ? undefined : new Sealed(first.algorithm, first.keys[0]!, object, this.#random);
  }

  /** Why a stored value cannot be read, in upstream's words; undefined when it can. */
  problemWith(form: SealedForm | undefined): string | undefined {
    if (!(form instanceof Sealed)) return this.#readsPlain() ? undefined : 'no matching prefix found';
    const problems = this.#providers.flatMap((provider) =>
      provider.algorithm === form.algorithm ? [keyProblem(provider.keys, form)] : [],
    );
    if (problems.includes(undefined)) return undefined;
    // A server without any configuration is one that reads plain values only.
    return problems[0] ?? (this.#providers === plain ? 'identity transformer tried to read encrypted data' : 'no matching prefix found');
  }

  /** Whether writing a value again would store it in another form. */
  isStale(form: SealedForm | undefined): boolean {
    const first = this.#providers[0]!;
    if (first.algorithm === 'identity') return form !== undefined;
    return !(form instanceof Sealed) || form.algorithm !== first.algorithm || form.key.name !== first.keys[0]!.name;
  }

  #readsPlain(): boolean {
    return this.#providers.some(({ algorithm }) => algorithm === 'identity');
  }
}

function keyProblem(keys: readonly Key[], { algorithm, key: used }: Sealed): string | undefined {
  const key = keys.find(({ name }) => name === used.name);
  if (!key) return `no matching key was found for the provided ${algorithm === 'secretbox' ? 'Secretbox' : 'AES'} transformer`;
  if (key.secret.length === used.secret.length && key.secret.every((byte, i) => byte === used.secret[i])) return undefined;
  if (algorithm === 'secretbox') return 'output array was not large enough for encryption';
  return algorithm === 'aesgcm' ? 'cipher: message authentication failed' : 'invalid padding on input';
}
