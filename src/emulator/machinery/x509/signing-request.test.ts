import { describe, expect, test } from 'vitest';
import { Random, unixMs } from '../../kernel/index.ts';
import {
  certify,
  CertificateAuthority,
  createKeyPair,
  createSigningRequest,
  isSignedBy,
  parseCertificates,
  parseSigningRequest,
} from './index.ts';

/** Made with openssl: RSA of 2048 bits, `/CN=jane/O=dev/OU=x`, `DNS:a.example,IP:10.0.0.1`. */
const rsaRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIICmzCCAYMCAQAwKTENMAsGA1UEAwwEamFuZTEMMAoGA1UECgwDZGV2MQowCAYD
VQQLDAF4MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAw8eu80Nnu1f3
eXHlHSAraCNwMzyImFAgex/ZTAlTz6mN2lANK1O3f8T8rAeg9OqwuVcGO/r8D2cj
kqTDt2obSr80IYbgS+PkqeGsVU8I4l3uVbZA8APKCxrrYMpFcaIOk9boE8zI35za
YDqJfIrTbaGKtlXTY7qjFUOpIjwYn5c6lZ2sLfco941Dhfg9wVrP5i8jr4pnSRx2
y1Dn5L2kXoYQdToRIYX3F7RHHxSX5Xf/4ZQgLcGiuiaVpdIfhTr0+wRS5Fn/2N6x
Sp814ikSRxlRbTK7t+rwRwq2DzHQ9QQFUSiDr0LGczgBQicv+HNBE06shNMBPSmA
Vbmk4jXN/wIDAQABoC0wKwYJKoZIhvcNAQkOMR4wHDAaBgNVHREEEzARgglhLmV4
YW1wbGWHBAoAAAEwDQYJKoZIhvcNAQELBQADggEBADcrVWQeCAd4TDnJUiCthFIm
jKTHUmvhYJQ/Z7udTN6OGJMf+2unzT6ZqURLkp8f04LKUOZeF1Kya1/rb20MzUEh
84mZoAjQGi4ThGpMqe2euB+Q+6BbEAi9L7znahkbbcXQEKsJoBabaPfZ25YROzlq
muB4hsnT3QRJ8rLKX/Zf4KnW/gVtvhi9UdZfc83CO2sH9cWUZSvqhnNhhvsyNdis
KV81Gv5jAdv9Cdhygr69K7hXwYN/IuSyo8zvKUDp0zKmPRg0gSQKgi5JB79c3Daw
cbNZcm3d2CfGKRQ/f8ZmTsKruNS03dy+rB3/eSLjR6zWaOly07MiFzhtVYzHIPU=
-----END CERTIFICATE REQUEST-----
`;

const random = new Random(1);
const nowMs = unixMs(2026, 1, 1);
const authority = new CertificateAuthority(random, 'kubernetes', nowMs);
const subject = { commonName: 'jane', organizations: ['dev', 'ops'] };

describe('requests', () => {
  test('of our own are read as they were made', () => {
    const pem = createSigningRequest(createKeyPair(random), { subject, dnsNames: ['a.example'], ips: ['10.0.0.1'] });
    expect(parseSigningRequest(pem)).toMatchObject({
      request: { subject, dnsNames: ['a.example'], ips: ['10.0.0.1'], emails: [], uris: [] },
    });
  });

  test('of openssl with an RSA key are read, checked and certified', () => {
    const read = parseSigningRequest(rsaRequest);
    if ('problem' in read) throw new Error(read.problem);
    expect(read.request).toMatchObject({
      subject: { commonName: 'jane', organizations: ['dev'] },
      dnsNames: ['a.example'],
      ips: ['10.0.0.1'],
    });
    const pem = certify(read.request, {
      authority: { certificate: authority.certificate, key: authority.key },
      serialNumber: '4000',
      notBeforeMs: nowMs,
      notAfterMs: nowMs + 3_600_000,
      usages: ['client auth'],
      keyUsage: [true],
    });
    const [certificate] = parseCertificates(pem);
    expect(certificate).toMatchObject({
      subject: { commonName: 'jane', organizations: ['dev'] },
      issuer: { commonName: 'kubernetes' },
      usages: ['client auth'],
      dnsNames: ['a.example'],
      ips: ['10.0.0.1'],
      notAfterMs: nowMs + 3_600_000,
    });
    expect(isSignedBy(certificate!, authority.certificate)).toBe(true);
  });

  test.each([
    { name: 'no PEM', pem: 'hello', want: 'PEM block type must be CERTIFICATE REQUEST' },
    { name: 'a certificate', pem: authority.certificate.pem, want: 'PEM block type must be CERTIFICATE REQUEST' },
    { name: 'a signature of another key', pem: rsaRequest.replace('amFuZT', 'amFuYT'), want: 'crypto/rsa: verification error' },
    {
      name: 'half of one',
      pem: `${rsaRequest.split('\n').slice(0, 4).join('\n')}\n-----END CERTIFICATE REQUEST-----\n`,
      want: 'asn1: syntax error: data truncated',
    },
  ])('are refused: $name', ({ pem, want }) => {
    expect(parseSigningRequest(pem)).toEqual({ problem: want });
  });
});
