/** A certificate authority of the cluster: kubeadm's `kubernetes`, `front-proxy-ca` and `etcd-ca`. */
import type { Random } from '../../kernel/random.ts';
import { encodeCertificate } from './certificate.ts';
import type { Certificate, CertificateContent, Subject, Usage } from './certificate.ts';
import { createKeyPair } from './key.ts';
import type { KeyPair } from './key.ts';
import { toPem } from './pem.ts';

const dayMs = 86_400_000;

/** kubeadm's validity: a year for certificates, ten for authorities. */
export const validityMs = { certificate: 365 * dayMs, authority: 3650 * dayMs } as const;

export interface CertificateRequest {
  readonly subject: Subject;
  readonly usages: readonly Usage[];
  readonly dnsNames?: readonly string[] | undefined;
  readonly ips?: readonly string[] | undefined;
  readonly notBeforeMs: number;
  /** A year later by default. */
  readonly notAfterMs?: number | undefined;
  /** The public key to certify; without it a new key pair is made. */
  readonly publicKey?: Uint8Array | undefined;
}

/**
 * A certificate that was issued in this process. What it says is known at once; its key and bytes are made when someone looks.
 * A verifier that trusts its authority need not check the signature of what was issued before its eyes.
 */
export class IssuedCertificate implements Certificate {
  readonly serialNumber: string;
  readonly subject: Subject;
  readonly issuer: Subject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly usages: readonly Usage[];
  readonly dnsNames: readonly string[];
  readonly ips: readonly string[];
  readonly isCA: boolean;
  /** Absent when only a public key was certified. */
  readonly key: KeyPair | undefined;
  readonly #publicKey: Uint8Array | undefined;
  readonly #authorityKey: KeyPair;
  #der: Uint8Array | undefined;
  #pem: string | undefined;

  constructor(content: CertificateContent, key: KeyPair | undefined, publicKey: Uint8Array | undefined, authorityKey: KeyPair) {
    this.serialNumber = content.serialNumber;
    this.subject = content.subject;
    this.issuer = content.issuer;
    this.notBeforeMs = content.notBeforeMs;
    this.notAfterMs = content.notAfterMs;
    this.usages = content.usages;
    this.dnsNames = content.dnsNames;
    this.ips = content.ips;
    this.isCA = content.isCA;
    this.key = key;
    this.#publicKey = publicKey;
    this.#authorityKey = authorityKey;
  }

  get publicKey(): Uint8Array {
    return this.#publicKey ?? this.key!.publicKey;
  }

  get der(): Uint8Array {
    return (this.#der ??= encodeCertificate(this, this.publicKey, this.#authorityKey.publicKey, (message) =>
      this.#authorityKey.sign(message),
    ));
  }

  get pem(): string {
    return (this.#pem ??= toPem('CERTIFICATE', this.der));
  }

  /** Whether this authority issued it; the authority's own certificate may be one that was read from a file. */
  isIssuedBy(authority: Certificate): boolean {
    if (authority instanceof IssuedCertificate) return authority.key === this.#authorityKey;
    const [a, b] = [authority.publicKey, this.#authorityKey.publicKey];
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
}

export class CertificateAuthority {
  readonly key: KeyPair;
  readonly certificate: IssuedCertificate;
  readonly #random: Random;

  constructor(random: Random, commonName: string, notBeforeMs: number) {
    this.#random = random;
    this.key = createKeyPair(random);
    const subject = { commonName };
    this.certificate = new IssuedCertificate(
      {
        serialNumber: '00',
        subject,
        issuer: subject,
        notBeforeMs,
        notAfterMs: notBeforeMs + validityMs.authority,
        usages: [],
        dnsNames: commonName === 'kubernetes' ? ['kubernetes'] : [],
        ips: [],
        isCA: true,
      },
      this.key,
      undefined,
      this.key,
    );
  }

  /** `random` is another source than the cluster's own, for what is not part of the cluster. */
  issue(
    {
      subject,
      usages,
      dnsNames = [],
      ips = [],
      notBeforeMs,
      notAfterMs = notBeforeMs + validityMs.certificate,
      publicKey,
    }: CertificateRequest,
    random = this.#random,
  ): IssuedCertificate {
    const content = {
      serialNumber: `4${random.hex(15)}`,
      subject,
      issuer: this.certificate.subject,
      notBeforeMs,
      notAfterMs,
      usages,
      dnsNames,
      ips,
      isCA: false,
    };
    return new IssuedCertificate(content, publicKey ? undefined : createKeyPair(random), publicKey, this.key);
  }
}
