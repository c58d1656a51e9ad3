/** Whether a certificate is believed, as openssl asks: first who signed it, then the times, from the authority down (crypto/x509/x509_vfy.c). */
import type { Certificate } from '../../../../emulator/machinery/x509/index.ts';
import { isSignedBy } from '../../../../emulator/machinery/x509/index.ts';
import { certificateParts, nameText, timeText } from './text.ts';

const texts = {
  9: 'certificate is not yet valid',
  10: 'certificate has expired',
  18: 'self-signed certificate',
  20: 'unable to get local issuer certificate',
  21: 'unable to verify the first certificate',
} as const;

export interface VerifyProblem {
  readonly code: keyof typeof texts;
  readonly text: string;
  readonly depth: number;
  readonly certificate: Certificate;
}

export interface Verification {
  /** The authority first. */
  readonly chain: readonly Certificate[];
  readonly problems: readonly VerifyProblem[];
}

export const subjectText = ({ der }: Certificate): string => nameText(certificateParts(der).subject);
export const issuerText = ({ der }: Certificate): string => nameText(certificateParts(der).issuer);
export const startText = ({ der }: Certificate): string => timeText(certificateParts(der).notBefore);
export const endText = ({ der }: Certificate): string => timeText(certificateParts(der).notAfter);

/** `isServer`: a server that shows nothing but its own certificate has a problem more. */
export function verifyCertificate(
  leaf: Certificate,
  authorities: readonly Certificate[],
  { nowMs, isServer = false }: { readonly nowMs: number; readonly isServer?: boolean },
): Verification {
  const problem = (code: VerifyProblem['code'], depth: number, certificate: Certificate): VerifyProblem => ({
    code,
    text: texts[code],
    depth,
    certificate,
  });
  const isKnown = authorities.some((one) => one.pem === leaf.pem);
  const authority = isKnown ? undefined : authorities.find((one) => isSignedBy(leaf, one));
  const problems: VerifyProblem[] = [];
  if (!authority && !isKnown) {
    const isOwn = isSignedBy(leaf, leaf);
    problems.push(problem(isOwn ? 18 : 20, 0, leaf));
    if (isServer && !isOwn) problems.push(problem(21, 0, leaf));
  }
  const chain = authority ? [authority, leaf] : [leaf];
  for (const [i, certificate] of chain.entries()) {
    if (nowMs < certificate.notBeforeMs) problems.push(problem(9, chain.length - 1 - i, certificate));
    else if (nowMs > certificate.notAfterMs) problems.push(problem(10, chain.length - 1 - i, certificate));
  }
  return { chain, problems };
}
