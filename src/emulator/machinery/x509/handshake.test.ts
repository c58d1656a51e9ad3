import { describe, expect, test } from 'vitest';
import { Random } from '../../kernel/index.ts';
import { CertificateAuthority, parseCertificates, shakeHands, TlsError } from './index.ts';
import type { Certificate } from './index.ts';

const day = 86_400_000;
const start = 1_700_000_000_000;
const random = new Random(1);
const authority = new CertificateAuthority(random, 'kubernetes', start);
const namesake = new CertificateAuthority(random, 'kubernetes', start);
const stranger = new CertificateAuthority(random, 'other', start);
const leaf = authority.issue({
  subject: { commonName: 'kube-apiserver' },
  usages: ['server auth'],
  dnsNames: ['kubernetes', '*.example.org'],
  ips: ['172.18.0.2'],
  notBeforeMs: start,
});
const parsed = (certificate: Certificate): Certificate => parseCertificates(certificate.pem)[0]!;
const prefix = 'tls: failed to verify certificate: x509: ';

interface Row {
  readonly name: string;
  readonly host?: string;
  readonly authorities?: readonly Certificate[];
  readonly afterDays?: number;
  readonly refuses?: string;
  readonly want: string | undefined;
}

describe('a client and a server', () => {
  test.each<Row>([
    { name: 'that fit', want: undefined },
    { name: 'by a name with a star', host: 'a.example.org', want: undefined },
    { name: 'of an authority that was read from a file', authorities: [parsed(authority.certificate)], want: undefined },
    {
      name: 'a year and a day later',
      afterDays: 366,
      want: `${prefix}certificate has expired or is not yet valid: current time 2024-11-14T22:13:20Z is after 2024-11-13T22:13:20Z`,
    },
    {
      name: 'a day too early',
      afterDays: -1,
      want: `${prefix}certificate has expired or is not yet valid: current time 2023-11-13T22:13:20Z is before 2023-11-14T22:13:20Z`,
    },
    { name: 'at another address', host: '172.18.0.3', want: `${prefix}certificate is valid for 172.18.0.2, not 172.18.0.3` },
    { name: 'by another name', host: 'nobody', want: `${prefix}certificate is valid for kubernetes, *.example.org, not nobody` },
    { name: 'of another authority', authorities: [stranger.certificate], want: `${prefix}certificate signed by unknown authority` },
    {
      name: 'of another authority of the same name',
      authorities: [namesake.certificate],
      want: `${prefix}certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "kubernetes")`,
    },
    { name: 'that does not like its client', refuses: 'expired certificate', want: 'remote error: tls: expired certificate' },
  ])('$name', ({ host = '172.18.0.2', authorities = [authority.certificate], afterDays = 1, refuses, want }) => {
    for (const shown of [leaf, parsed(leaf)]) {
      const greet = (): void =>
        shakeHands({ isTls: true, leaf: () => shown, refuseClient: () => refuses }, { authorities, host, nowMs: start + afterDays * day });
      if (want === undefined) expect(greet).not.toThrow();
      else expect(greet).toThrow(new TlsError(want));
    }
  });
});
