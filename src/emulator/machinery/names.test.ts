import { expect, test } from 'vitest';
import {
  asPrefix,
  type Complaints,
  configMapKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  envVarName,
  labelValue,
  pathSegmentName,
  portName,
  qualifiedName,
  wildcardDns1123Subdomain,
} from './names.ts';

function check(rule: (value: string) => Complaints, value: string, want: Complaints): void {
  expect(rule(value)).toEqual(want);
}

const labelComplaint =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomainComplaint =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

test.each<[string, (value: string) => Complaints, string, Complaints]>([
  ['label', dns1123Label, 'web-1', []],
  ['label with capitals', dns1123Label, 'Web', [labelComplaint]],
  ['label with dots', dns1123Label, 'a.b', ['must not contain dots']],
  ['long label', dns1123Label, 'a'.repeat(64), ['must be no more than 63 characters']],
  ['subdomain', dns1123Subdomain, 'a.b-c', []],
  ['subdomain with underscore', dns1123Subdomain, 'a_b', [subdomainComplaint]],
  ['service name', dns1035Label, 'web', []],
  ['wildcard', wildcardDns1123Subdomain, '*.example.com', []],
  ['qualified name', qualifiedName, 'example.com/Name_1', []],
  ['qualified name without prefix', qualifiedName, '/a', ['prefix part must be non-empty']],
  ['label value', labelValue, '', []],
  ['port name', portName, 'http', []],
  ['long port name', portName, 'a-port-name-too-long', ['must be no more than 15 characters']],
  ['numeric port name', portName, '80', ['must contain at least one letter (a-z)']],
  ['variable', envVarName, 'A B', []],
  [
    'variable with =',
    envVarName,
    'A=B',
    ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
  ],
  ['key', configMapKey, 'a.conf', []],
  ['key of dots', configMapKey, '..', ["must not be '..'"]],
  ['path segment', pathSegmentName, 'system:node', []],
  ['path segment with slash', pathSegmentName, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
  ['prefix', asPrefix(dns1123Label), 'web-', []],
])('%s', (_name, rule, value, want) => check(rule, value, want));
