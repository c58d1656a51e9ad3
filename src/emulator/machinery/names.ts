/**
 * Rules for names. Each returns what is wrong, in upstream's words, and nothing when the name is good.
 * Upstream: `apimachinery/pkg/util/validation/validation.go`, `apimachinery/pkg/api/validation/path/name.go`.
 */
export type Complaints = readonly string[];

const none: Complaints = [];
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const underscored = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*';
const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`);
const labelPattern = whole(label);
const subdomainPattern = whole(subdomain);
const underscoredPattern = whole(underscored);
const dns1035Pattern = whole(dns1035);
const wildcardPattern = whole(`\\*\\.${subdomain}`);
const qualifiedPattern = whole(qualified);
const labelValuePattern = whole(`(${qualified})?`);

export const maxLengthError = (length: number): string => `must be no more than ${length} characters`;
export const rangeError = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;
export const emptyError = 'must be non-empty';

/** The complaint about a name that does not match, with examples and the pattern. */
export function regexError(message: string, pattern: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`;
  return `${message} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}regex used for validation is '${pattern}')`;
}

const qualifiedMessage = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const subdomainMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

const underscoredMessage =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";

function complain(value: string, max: number, pattern: RegExp, complaint: () => string): Complaints {
  const isLong = value.length > max;
  const isBad = !pattern.test(value);
  if (!isLong && !isBad) return none;
  return [...(isLong ? [maxLengthError(max)] : []), ...(isBad ? [complaint()] : [])];
}

/** Names of namespaces, containers, and of what becomes one part of a host name. */
export function dns1123Label(value: string): Complaints {
  return complain(value, 63, labelPattern, () =>
    subdomainPattern.test(value)
      ? 'must not contain dots'
      : regexError(
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
          label,
          'my-name',
          '123-abc',
        ),
  );
}

/** Names of most kinds. */
export function dns1123Subdomain(value: string): Complaints {
  return complain(value, 253, subdomainPattern, () => regexError(subdomainMessage, subdomain, 'example.com'));
}

/** Domains in which names are searched, whose parts may have underscores. */
export function dns1123SubdomainWithUnderscore(value: string): Complaints {
  return complain(value, 253, underscoredPattern, () => regexError(underscoredMessage, underscored, 'example.com'));
}

/** Names of Services. */
export function dns1035Label(value: string): Complaints {
  return complain(value, 63, dns1035Pattern, () =>
    regexError(
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
      dns1035,
      'my-name',
      'abc-123',
    ),
  );
}

/** Hosts of an Ingress that begin with `*.`. */
export function wildcardDns1123Subdomain(value: string): Complaints {
  return complain(value, 253, wildcardPattern, () =>
    regexError(
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
      `\\*\\.${subdomain}`,
      '*.example.com',
    ),
  );
}

/** Keys of labels, annotations and taints: `app`, `app.kubernetes.io/name`. */
export function qualifiedName(value: string): Complaints {
  const parts = value.split('/');
  if (parts.length > 2) {
    const complaint = regexError(qualifiedMessage, qualified, 'MyName', 'my.name', '123-abc');
    return [`a qualified name ${complaint} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const name = parts[parts.length - 1]!;
  const prefix = parts.length === 2 ? parts[0]! : undefined;
  if (
    name.length > 0 &&
    name.length <= 63 &&
    qualifiedPattern.test(name) &&
    (prefix === undefined || (prefix !== '' && subdomainPattern.test(prefix) && prefix.length <= 253))
  )
    return none;
  const out: string[] = [];
  if (prefix === '') out.push(`prefix part ${emptyError}`);
  else if (prefix !== undefined) out.push(...dns1123Subdomain(prefix).map((text) => `prefix part ${text}`));
  if (name.length === 0) out.push(`name part ${emptyError}`);
  else if (name.length > 63) out.push(`name part ${maxLengthError(63)}`);
  if (!qualifiedPattern.test(name)) out.push(`name part ${regexError(qualifiedMessage, qualified, 'MyName', 'my.name', '123-abc')}`);
  return out;
}

export function labelValue(value: string): Complaints {
  return complain(value, 63, labelValuePattern, () =>
    regexError(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      `(${qualified})?`,
      'MyValue',
      'my_value',
      '12345',
    ),
  );
}

export const portNumber = (port: number): Complaints => inRange(port, 1, 65_535);
export const inRange = (value: number, low: number, high: number): Complaints =>
  value >= low && value <= high ? none : [rangeError(low, high)];
/** User and group IDs. */
export const userId = (id: number): Complaints => inRange(id, 0, 2_147_483_647);

/** Names of container and Service ports as IANA has them. */
export function portName(port: string): Complaints {
  const out: string[] = [];
  if (port.length > 15) out.push(maxLengthError(15));
  if (!/^[-a-z0-9]+$/.test(port)) out.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(port)) out.push('must contain at least one letter (a-z)');
  if (port.includes('--')) out.push('must not contain consecutive hyphens');
  if (port.startsWith('-') || port.endsWith('-')) out.push('must not begin or end with a hyphen');
  return out;
}

export function percent(value: string): Complaints {
  if (/^[0-9]+%$/.test(value)) return none;
  return [regexError("a valid percent string must be a numeric string followed by an ending '%'", '[0-9]+%', '1%', '93%')];
}

export function httpHeaderName(value: string): Complaints {
  if (/^[-A-Za-z0-9]+$/.test(value)) return none;
  return [regexError("a valid HTTP header must consist of alphanumeric characters or '-'", '[-A-Za-z0-9]+', 'X-Header-Name')];
}

function dotComplaints(value: string): Complaints {
  if (value === '.') return ["must not be '.'"];
  if (value === '..') return ["must not be '..'"];
  return value.startsWith('..') ? ["must not start with '..'"] : none;
}

/** Environment variables: any printable ASCII but `=` (RelaxedEnvironmentVariableValidation). */
export function envVarName(value: string): Complaints {
  if (value === '') return [`environment variable name ${emptyError}`];
  if (/^[ -<>-~]*$/.test(value)) return none;
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Keys of ConfigMaps and Secrets. */
export function configMapKey(value: string): Complaints {
  const pattern = '[-._a-zA-Z0-9]+';
  const own = complain(value, 253, whole(pattern), () =>
    regexError("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", pattern, 'key.name', 'KEY_NAME', 'key-name'),
  );
  return [...own, ...dotComplaints(value)];
}

/** Names of RBAC objects, which may be anything that can stand in a URL as one segment. */
export function pathSegmentName(name: string): Complaints {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((illegal) => name.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
}

/** generateName may end in a dash, since more follows. Upstream: `maskTrailingDash`. */
export function asPrefix(rule: (value: string) => Complaints): (value: string) => Complaints {
  return (value) => rule(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value);
}
