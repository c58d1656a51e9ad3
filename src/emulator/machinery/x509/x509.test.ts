import { describe, expect, test } from 'vitest';
import { Random, unixMs } from '../../kernel/index.ts';
import { readJwt, signJwt, verifyJwt } from '../jwt/index.ts';
import {
  CertificateAuthority,
  createKeyPair,
  isSignedBy,
  parseCertificates,
  parseKeyPair,
  parsePublicKeys,
  publicKeyPem,
} from './index.ts';

const notBeforeMs = unixMs(2025, 9, 1);
const authority = new CertificateAuthority(new Random(1), 'kubernetes', notBeforeMs);
const issued = authority.issue({
  subject: { commonName: 'system:node:node-1', organizations: ['system:nodes'] },
  usages: ['client auth'],
  dnsNames: ['node-1'],
  ips: ['172.18.0.3'],
  notBeforeMs,
});

describe('certificates', () => {
  test('are read as they were issued', () => {
    const [read] = parseCertificates(issued.pem);
    expect(read).toMatchObject({
      subject: { commonName: 'system:node:node-1', organizations: ['system:nodes'] },
      issuer: { commonName: 'kubernetes' },
      serialNumber: issued.serialNumber,
      notBeforeMs,
      notAfterMs: notBeforeMs + 365 * 86_400_000,
      usages: ['client auth'],
      dnsNames: ['node-1'],
      ips: ['172.18.0.3'],
      isCA: false,
    });
    expect(read!.pem).toBe(issued.pem);
    expect(parseCertificates(authority.certificate.pem)[0]!.isCA).toBe(true);
  });

  test('are trusted by their signature', () => {
    const other = new CertificateAuthority(new Random(2), 'kubernetes', notBeforeMs);
    const [read] = parseCertificates(issued.pem);
    const [trusted] = parseCertificates(authority.certificate.pem);
    expect(isSignedBy(read!, trusted!)).toBe(true);
    expect(isSignedBy(read!, other.certificate)).toBe(false);
    expect([issued.isIssuedBy(authority.certificate), issued.isIssuedBy(trusted!), issued.isIssuedBy(other.certificate)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('of the same seed are the same', () => {
    const again = new CertificateAuthority(new Random(1), 'kubernetes', notBeforeMs);
    expect(again.certificate.pem).toBe(authority.certificate.pem);
  });

  test.each(['', 'nonsense', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])('junk is no certificate: %j', (text) => {
    expect(parseCertificates(text)).toEqual([]);
    expect(parseKeyPair(text)).toBeUndefined();
  });

  test('keys survive their PEM', () => {
    const key = createKeyPair(new Random(3));
    expect(parseKeyPair(key.pem)!.publicKey).toEqual(key.publicKey);
    expect(parsePublicKeys(publicKeyPem(key.publicKey))).toEqual([key.publicKey]);
  });
});

describe('tokens', () => {
  const key = createKeyPair(new Random(4));
  const token = signJwt({ sub: 'system:serviceaccount:a:b', aud: ['x'] }, key);

  test('carry their claims', () => expect(readJwt(token)).toEqual({ sub: 'system:serviceaccount:a:b', aud: ['x'] }));
  test('are believed with the right key only', () => {
    expect(verifyJwt(token, [key.publicKey])).toBeDefined();
    expect(verifyJwt(token, [createKeyPair(new Random(5)).publicKey])).toBeUndefined();
    expect(verifyJwt(`${token.slice(0, -4)}AAAA`, [key.publicKey])).toBeUndefined();
    expect(readJwt('a.b')).toBeUndefined();
  });
});
