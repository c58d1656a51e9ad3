import { describe, expect, test } from 'vitest';
import { CelError, compile, dyn, environment, fromJson, int, listOf, mapOf, objectType, string, timestamp, toJson } from './index.ts';
import type { Value } from './index.ts';

const self = objectType('Self', [
  ['replicas', int],
  ['name', string],
  ['foo-bar', string],
  ['namespace', string],
  ['items', listOf(string)],
  ['labels', mapOf(string, string)],
  ['at', timestamp],
]);
const env = environment({ self, any: dyn, list: listOf(int) });
const data = {
  self: {
    replicas: 3,
    name: 'web',
    'foo-bar': 'x',
    namespace: 'ns',
    items: ['a', 'b'],
    labels: { app: 'web' },
    at: '2025-01-02T03:04:05Z',
  },
  any: { port: 80, half: 0.5, name: 'n', list: [1, 2], nothing: null },
  list: [3, 1, 2],
};
const types = { self, any: dyn, list: listOf(int) };
const variable = (name: string): Value | undefined =>
  name in data ? fromJson(data[name as keyof typeof data], types[name as keyof typeof types]) : undefined;

function run(source: string): unknown {
  const compiled = compile(source, env);
  if ('issues' in compiled) throw new Error(compiled.issues);
  return toJson(compiled.program.evaluate(variable).value);
}

test.each([
  ['1 + 2 * 3 - 4 / 2 % 3', 5],
  ['string(-9223372036854775808)', '-9223372036854775808'],
  ['1u + 2u', 3],
  ['0x10 + 1', 17],
  ['1.5 * 2.0', 3],
  ['7.0 / 2.0 > 3', true],
  ['1 < 1.5 && 2u > 1', true],
  ['"a" + \'b\' + """c"d""" + r"\\n"', 'abc"d\\n'],
  ['"\\u00e9\\x41\\101\\n"', 'éAA\n'],
  ['true ? 1 : 2', 1],
  ['false || 1 / 0 > 0 || true', true],
  ['!(1 / 0 > 0 && false)', true],
  ['[1, 2] + [3]', [1, 2, 3]],
  ['{"a": [1], "b": [2]}.b[0]', 2],
  ['2 in [1, 2] && "a" in {"a": 1} && !(3 in [1])', true],
  ['self.replicas > 2 && self.name == "web"', true],
  ['self.foo__dash__bar + self.__namespace__ + self.`foo-bar`', 'xnsx'],
  ['has(self.name) && !has(any.none)', true],
  ['self.items.all(i, i != "") && self.items.exists(i, i == "b") && self.items.exists_one(i, i == "a")', true],
  ['self.labels.all(k, self.labels[k] != "") && self.labels.map(k, k + "=" + self.labels[k])[0] == "app=web"', true],
  ['list.filter(x, x > 1).map(x, x * 2)', [6, 4]],
  ['list.map(x, x > 1, x * 10)', [30, 20]],
  ['[1, 2].exists(i, v, i == 1 && v == 2) && {"a": 1}.all(k, v, k == "a" && v == 1)', true],
  ['[1, 2].transformList(i, v, i + v) == [1, 3] && {"a": 1}.transformMap(k, v, v + 1).a == 2', true],
  ['any.port == 80 && any.half < 1 && any.list[1] == 2 && any.nothing == null', true],
  ['type(1) == int && type(any.half) == double && type("a") == string', true],
  ['size("héllo") + size([1, 2]) + size({"a": 1}) + "ab".size()', 10],
  ['int("42") + int(3.9) + int(2u)', 47],
  ['string(1.5) + string(true) + string(7)', '1.5true7'],
  ['double("1.5") + double(1)', 2.5],
  ['self.at.getFullYear() * 100 + self.at.getMonth()', 202500],
  ['self.at.getHours("+05:30")', 8],
  ['duration("1h30m").getMinutes()', 90],
  ['string(timestamp("2025-01-01T00:00:00Z") + duration("24h"))', '2025-01-02T00:00:00Z'],
  ['timestamp("2025-01-02T00:00:00Z") - timestamp("2025-01-01T00:00:00Z") == duration("24h")', true],
  ['"hello".contains("ell") && "hello".startsWith("he") && "hello".endsWith("lo") && "hello".matches("^h.*o$")', true],
  ['"a,b,c".split(",").join("-") + "x".replace("x", "y") + " t ".trim() + "AbC".lowerAscii() + "abc".substring(1, 2)', 'a-b-cytabcb'],
  ['"tacocat".indexOf("c", 3) * 10 + "tacocat".lastIndexOf("a")', 45],
  ['"abc 123".find("[0-9]+") + "a1b2".findAll("[0-9]")[1]', '1232'],
  ['"%s is %d, %.2f %x %s".format(["a", 1, 1.5, 255, [1, "b"]])', 'a is 1, 1.50 ff [1, b]'],
  ['[1, 2, 2].isSorted() && [1, 2].sum() == 3 && [3, 1].min() == 1 && [3, 1].max() == 3 && [1, 2, 1].lastIndexOf(1) == 2', true],
  ['[3, 1, 2].sort() == [1, 2, 3] && [1, 1].distinct() == [1] && [[1], [2]].flatten() == [1, 2] && [1, 2, 3].slice(1, 3) == [2, 3]', true],
  ['sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && !sets.intersects([1], [2])', true],
  ['any.?port.orValue(1) == 80 && any.?none.orValue(1) == 1 && !any.?none.?deep.hasValue()', true],
  ['[1][?0].value() == 1 && optional.of(1).optMap(x, x + 1).value() == 2 && optional.none().or(optional.of(3)).value() == 3', true],
  ['[?optional.none(), 1] == [1] && size({?"a": optional.none()}) == 0', true],
  ['quantity("1Gi").isGreaterThan(quantity("1G")) && quantity("50k").add(20).asInteger() == 50020 && !isQuantity("x")', true],
  ['quantity("200M").compareTo(quantity("0.2G")) == 0 && quantity("1") == quantity("1000m")', true],
  ['ip("127.0.0.1").isLoopback() && ip("::1").family() == 6 && !isIP("1.2.3") && ip.isCanonical("2001:db8::abcd")', true],
  [
    'cidr("192.168.0.0/24").containsIP("192.168.0.9") && cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16") && cidr("10.1.2.3/8").masked().prefixLength() == 8',
    true,
  ],
  [
    'url("https://example.com:80/a b?x=1&x=2").getHost() == "example.com:80" && url("/p?x=1").getQuery()["x"][0] == "1" && !isURL("../x")',
    true,
  ],
  ['!format.dns1123Label().validate("ok").hasValue() && format.named("uuid").value().validate("x").hasValue()', true],
  ['semver("1.2.3").isLessThan(semver("1.10.0")) && isSemver("v1.0", true) && !isSemver("v1.0")', true],
  ['b"abc".size() == 3 && bytes("é").size() == 2', true],
])('%s', (source, want) => expect(run(source)).toEqual(want));

describe('a failure', () => {
  test.each([
    ['1 / 0 > 0', 'division by zero'],
    ['any.none == 1', 'no such key: none'],
    ['list[9] == 1', 'index out of bounds: 9'],
    ['9223372036854775807 + 1 > 0', 'integer overflow'],
    ['any.port.startsWith("x")', 'no such overload'],
    ['optional.none().value() == 1', 'optional.none() dereference'],
    ['quantity("x").isInteger()', 'quantities must match'],
  ])('%s', (source, want) => {
    expect(() => run(source)).toThrow(CelError);
    expect(() => run(source)).toThrow(want);
  });
});

describe('an issue', () => {
  test.each([
    ['foo == 1', "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo == 1\n | ^"],
    ['self.nme == "x"', 'ERROR: <input>:1:5: undefined field \'nme\'\n | self.nme == "x"\n | ....^'],
    [
      'self.replicas == "x"',
      "ERROR: <input>:1:15: found no matching overload for '_==_' applied to '(int, string)'\n | self.replicas == \"x\"\n | ..............^",
    ],
    ['self.name.foo()', "ERROR: <input>:1:14: undeclared reference to 'foo' (in container '')\n | self.name.foo()\n | .............^"],
    [
      'self.name.contains(1)',
      "ERROR: <input>:1:19: found no matching overload for 'contains' applied to 'string.(int)'\n | self.name.contains(1)\n | ..................^",
    ],
    ['self.replicas.all(x, true)', "expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
    ['1 +', 'ERROR: <input>:1:4: Syntax error: mismatched input'],
    ['has(self)', 'invalid argument to has() macro'],
    ['"abc', 'Syntax error: token recognition error at'],
    ['1 +\n foo', "ERROR: <input>:2:2: undeclared reference to 'foo' (in container '')\n |  foo\n | .^"],
  ])('%s', (source, want) => {
    const compiled = compile(source, env);
    expect('issues' in compiled ? compiled.issues : '').toContain(want);
  });
});

test.each([
  [
    'nested loops',
    '[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, [0,1,2,3,4,5,6,7,8,9].all(f, a + b + c + d + e + f < 100))))))',
  ],
  ['a list that doubles', `${'cel.bind(x, x + x, '.repeat(40).replace('x + x', '[1]')}size(x) > 0${')'.repeat(40)}`],
])('%s ends', (_name, source) => expect(() => run(source)).toThrow('operation cancelled: actual cost limit exceeded'));

test('a deep expression is refused', () => {
  const compiled = compile(`${'('.repeat(400)}1${')'.repeat(400)}`, env);
  expect('issues' in compiled && compiled.issues).toContain('expression recursion limit exceeded: 250');
});
