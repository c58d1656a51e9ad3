/**
 * Certificates and keys as they really are: X.509 in DER and PEM over P-256, made and checked synchronously.
 *
 * - Everything is made from the cluster's random source, and lazily: an authority or certificate costs two random numbers
 *   until someone reads its PEM.
 * - What is parsed is checked by its signature; an `IssuedCertificate` of a trusted authority need not be.
 * - A request for a certificate (PKCS #10) may carry an RSA key: it is checked and certified, never made here.
 *
 * Deliberately absent: chains longer than authority and leaf, revocation, RSA keys of our own.
 */
export { CertificateAuthority, IssuedCertificate } from './authority.ts';
export type { CertificateRequest } from './authority.ts';
export { isSignedBy, keyIdentifiers, parseCertificates, publicKeyHash } from './certificate.ts';
export type { Certificate, Subject, Usage } from './certificate.ts';
export { certificatesIn, certificatesOf, rememberCertificate } from './certificate-files.ts';
export { clientProblem, endHandshake, isTrustedBy, nameProblem, serverProblem, shakeHands, shownBy, TlsError } from './handshake.ts';
export type { Handshake } from './handshake.ts';
export { decode as decodeDer, readIdentifier, readText, readTime } from './der.ts';
export type { DerValue } from './der.ts';
export { createKeyPair, KeyPair, parseKeyPair, parsePublicKeys, publicKeyPem } from './key.ts';
export type { PemBlock } from './pem.ts';
export { parsePem } from './pem.ts';
export type { SigningRequest } from './signing-request.ts';
export { certify, createSigningRequest, parseSigningRequest } from './signing-request.ts';
