import { beforeEach, describe, expect, test } from 'vitest';
import type { EndpointSlice, Service } from '../../api/generated/types.ts';
import type { ByteString, Call, Machine, Process } from '../../kernel/index.ts';
import {
  createMachine,
  EventLoop,
  FdTable,
  FileSystem,
  Kernel,
  noBytes,
  OpenFile,
  Random,
  Trace,
  textOf,
  utf8,
  WallClock,
} from '../../kernel/index.ts';
import type { DnsAnswer, NodeNetwork, RecordType } from '../../node/network/index.ts';
import { emptyAnswer, Network } from '../../node/network/index.ts';
import { coredns, KubernetesPlugin, parseCorefile } from './index.ts';
import type { ClusterView } from './plugins/records.ts';

const metadata = (namespace: string, name: string) => ({
  namespace,
  name,
  uid: `${namespace}/${name}`,
  resourceVersion: '1',
  creationTimestamp: '',
});

function service(name: string, spec: Service['spec']): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: metadata('default', name), spec };
}

const services = [
  service('web', {
    clusterIP: '10.96.0.5',
    ports: [
      { name: 'http', port: 80 },
      { name: 'admin', port: 81 },
    ],
  }),
  service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432 }] }),
  service('out', { type: 'ExternalName', externalName: 'example.org' }),
  service('empty', { clusterIP: 'None', ports: [{ port: 1 }] }),
];

const slices: EndpointSlice[] = [
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata('default', 'db-1'), labels: { 'kubernetes.io/service-name': 'db' } },
    addressType: 'IPv4',
    ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
    endpoints: [
      { addresses: ['10.244.1.2'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.244.2.2'], conditions: { ready: true } },
      { addresses: ['10.244.2.3'], conditions: { ready: false } },
    ],
  },
];

const view: ClusterView & { hasSynced: boolean } = {
  hasSynced: true,
  answersPods: true,
  usesPodNames: false,
  ignoresEmpty: false,
  hasPod: undefined,
  hasNamespace: (name) => name === 'default',
  service: (namespace, name) => services.find((candidate) => candidate.metadata.name === name && namespace === 'default'),
  slices: (_, name) => slices.filter((candidate) => candidate.metadata.labels?.['kubernetes.io/service-name'] === name),
  serviceByIP: (ip) => services.find(({ spec }) => spec.clusterIP === ip),
  allSlices: () => slices,
};

const zones = ['cluster.local.', 'in-addr.arpa.'];
const options = {
  zones,
  ttl: 30,
  pods: 'insecure' as const,
  usesPodNames: false,
  ignoresEmpty: false,
  namespaces: [],
  fallthrough: ['in-addr.arpa.'],
};

function finish<T>(call: Call<T>): T {
  const step = call.next();
  if (!step.done) throw new Error('it blocked');
  return step.value;
}

/** The answer of the plugin; what goes on to the next one is answered REFUSED, what the server itself is asked gets one address. */
function ask(name: string, type: RecordType): DnsAnswer {
  const upstream = function* ({ query }: { query: { id: number; name: string; type: RecordType } }): Call<DnsAnswer> {
    return { ...emptyAnswer(query, 'NOERROR'), answers: [{ name: query.name, type: 'A', ttl: 60, data: '192.0.2.1' }] };
  };
  const plugin = new KubernetesPlugin(options, view, { start: () => {}, stop: () => {}, now: () => 7, ask: upstream });
  const next = function* ({ query }: { query: { id: number; name: string; type: RecordType } }): Call<DnsAnswer> {
    return emptyAnswer(query, 'REFUSED');
  };
  return finish(plugin.serve({ query: { id: 1, name, type }, peer: { ip: '10.244.1.9', port: 1, isTls: false }, protocol: 'udp' }, next));
}

const soa = 'cluster.local. SOA ns.dns.cluster.local. hostmaster.cluster.local. 7 7200 1800 86400 30';

describe('plugin kubernetes', () => {
  test.each<{ name: string; ask: string; type: RecordType; code?: string; answers?: string[]; more?: string[] }>([
    { name: 'a ClusterIP', ask: 'web.default.svc.cluster.local.', type: 'A', answers: ['web.default.svc.cluster.local. A 10.96.0.5'] },
    { name: 'any case', ask: 'WEB.default.svc.cluster.local.', type: 'A', answers: ['WEB.default.svc.cluster.local. A 10.96.0.5'] },
    { name: 'no IPv6', ask: 'web.default.svc.cluster.local.', type: 'AAAA', answers: [], more: [soa] },
    { name: 'no such Service', ask: 'nope.default.svc.cluster.local.', type: 'A', code: 'NXDOMAIN', answers: [], more: [soa] },
    { name: 'no such Namespace', ask: 'web.nope.svc.cluster.local.', type: 'A', code: 'NXDOMAIN', answers: [], more: [soa] },
    { name: 'a Namespace is an empty name', ask: 'default.svc.cluster.local.', type: 'A', answers: [], more: [soa] },
    { name: 'a name too deep', ask: 'a.b.c.web.default.svc.cluster.local.', type: 'A', code: 'NXDOMAIN', answers: [], more: [soa] },
    {
      name: 'a search path that went wrong',
      ask: 'web.default.svc.cluster.local.default.svc.cluster.local.',
      type: 'A',
      code: 'NXDOMAIN',
      answers: [],
      more: [soa],
    },
    {
      name: 'a headless Service: ready endpoints',
      ask: 'db.default.svc.cluster.local.',
      type: 'A',
      answers: ['db.default.svc.cluster.local. A 10.244.1.2', 'db.default.svc.cluster.local. A 10.244.2.2'],
    },
    {
      name: 'a headless Service without endpoints',
      ask: 'empty.default.svc.cluster.local.',
      type: 'A',
      code: 'NXDOMAIN',
      answers: [],
      more: [soa],
    },
    {
      name: 'an endpoint by its hostname',
      ask: 'db-0.db.default.svc.cluster.local.',
      type: 'A',
      answers: ['db-0.db.default.svc.cluster.local. A 10.244.1.2'],
    },
    {
      name: 'an endpoint by its address',
      ask: '10-244-2-2.db.default.svc.cluster.local.',
      type: 'A',
      answers: ['10-244-2-2.db.default.svc.cluster.local. A 10.244.2.2'],
    },
    {
      name: 'a port',
      ask: '_http._tcp.web.default.svc.cluster.local.',
      type: 'SRV',
      answers: ['_http._tcp.web.default.svc.cluster.local. SRV 0 100 80 web.default.svc.cluster.local.'],
      more: ['web.default.svc.cluster.local. A 10.96.0.5'],
    },
    { name: 'an unknown port', ask: '_ftp._tcp.web.default.svc.cluster.local.', type: 'SRV', code: 'NXDOMAIN', answers: [], more: [soa] },
    {
      name: 'ports of a headless Service',
      ask: '_sql._tcp.db.default.svc.cluster.local.',
      type: 'SRV',
      answers: [
        '_sql._tcp.db.default.svc.cluster.local. SRV 0 50 5432 db-0.db.default.svc.cluster.local.',
        '_sql._tcp.db.default.svc.cluster.local. SRV 0 50 5432 10-244-2-2.db.default.svc.cluster.local.',
      ],
      more: ['db-0.db.default.svc.cluster.local. A 10.244.1.2', '10-244-2-2.db.default.svc.cluster.local. A 10.244.2.2'],
    },
    {
      name: 'ExternalName',
      ask: 'out.default.svc.cluster.local.',
      type: 'A',
      answers: ['out.default.svc.cluster.local. CNAME example.org.', 'example.org. A 192.0.2.1'],
    },
    {
      name: 'a Pod',
      ask: '10-244-1-2.default.pod.cluster.local.',
      type: 'A',
      answers: ['10-244-1-2.default.pod.cluster.local. A 10.244.1.2'],
    },
    {
      name: 'a Service by its address',
      ask: '5.0.96.10.in-addr.arpa.',
      type: 'PTR',
      answers: ['5.0.96.10.in-addr.arpa. PTR web.default.svc.cluster.local.'],
    },
    {
      name: 'an endpoint by its address, reversed',
      ask: '2.1.244.10.in-addr.arpa.',
      type: 'PTR',
      answers: ['2.1.244.10.in-addr.arpa. PTR db-0.db.default.svc.cluster.local.'],
    },
    { name: 'an address that falls through', ask: '1.2.0.192.in-addr.arpa.', type: 'PTR', code: 'REFUSED', answers: [] },
    { name: 'a name beyond the cluster', ask: 'example.org.', type: 'A', code: 'REFUSED', answers: [] },
    {
      name: 'the version of the specification',
      ask: 'dns-version.cluster.local.',
      type: 'TXT',
      answers: ['dns-version.cluster.local. TXT "1.1.0"'],
    },
  ])('$name', ({ ask: name, type, code = 'NOERROR', answers, more = [] }) => {
    const answer = ask(name, type);
    const lines = (records: DnsAnswer['answers']) => records.map((record) => `${record.name} ${record.type} ${record.data}`);
    expect({ code: answer.code, answers: lines(answer.answers), more: lines([...answer.authority, ...answer.additional]) }).toEqual({
      code,
      answers,
      more,
    });
  });
});

describe('Corefile', () => {
  test('blocks, arguments, nested lines, comments and variables', () => {
    const blocks = parseCorefile(
      '# first\n.:53 example.org {\n  errors\n  hosts {\n    10.0.0.1 a b # here\n    fallthrough\n  }\n  forward . {$UPSTREAM}\n}\n',
      '/Corefile',
      new Map([['UPSTREAM', '9.9.9.9']]),
    );
    expect(blocks).toMatchObject([
      {
        zones: ['.', 'example.org.'],
        port: 53,
        directives: [
          { name: 'errors' },
          { name: 'hosts', block: [{ name: '10.0.0.1', args: ['a', 'b'] }, { name: 'fallthrough' }] },
          { name: 'forward', args: ['.', '9.9.9.9'] },
        ],
      },
    ]);
  });

  test('a block that does not end', () => {
    expect(() => parseCorefile('.:53 {\n  errors\n', '/Corefile')).toThrow(
      "/Corefile:2 - Error during parsing: Unexpected EOF, expecting '}'",
    );
  });
});

class Output extends OpenFile {
  text = '';
  override read(): ByteString {
    return noBytes;
  }
  override write(data: ByteString): number {
    this.text += textOf(data);
    return data.length;
  }
}

describe('the program', () => {
  let kernel: Kernel;
  let node: NodeNetwork;
  let machine: Machine;
  let out: Output;

  beforeEach(() => {
    const loop = new EventLoop();
    kernel = new Kernel({ loop, clock: new WallClock(loop, 0), random: new Random(1), trace: new Trace(loop) });
    node = new Network(kernel).addNode({ name: 'a', ip: '172.18.0.2' });
    machine = createMachine({ hostname: 'a', id: 'a', fs: new FileSystem(() => loop.now), net: node.namespace });
  });

  function start(corefile: string): Process {
    machine.fs.writeFile('/Corefile', utf8(corefile));
    out = new Output();
    const fds = new FdTable();
    for (const fd of [0, 1, 2]) fds.set(fd, out);
    const process = kernel.spawn({ machine, program: coredns, argv: ['coredns', '-conf', '/Corefile'], fds, background: true });
    kernel.loop.run({ untilMs: 100 });
    return process;
  }

  function askFor(name: string, { type = 'A', protocol = 'UDP' }: { type?: RecordType; protocol?: 'TCP' | 'UDP' } = {}): DnsAnswer {
    let result: DnsAnswer | undefined;
    kernel.fiber(
      (function* () {
        result = (yield* node.namespace.datagram({ ip: '172.18.0.2', port: 53 }, { id: 1, name, type }, { protocol })) as DnsAnswer;
      })(),
    );
    kernel.loop.run({ untilMs: kernel.loop.now + 20_000 });
    return result!;
  }

  function askIt(name: string): string {
    const answer = askFor(name);
    return answer.answers[0]?.data ?? answer.code;
  }

  test('answers by its plugins, in their order, and reloads its file', () => {
    start('. {\n  rewrite name alias.org web.org\n  hosts {\n    10.0.0.1 web.org\n    fallthrough\n  }\n  reload\n}\n');
    expect(askIt('alias.org.')).toBe('10.0.0.1');
    expect(askIt('other.org.')).toBe('SERVFAIL');
    machine.fs.writeFile('/Corefile', utf8('. {\n  hosts {\n    10.0.0.2 other.org\n  }\n  reload\n}\n'));
    kernel.loop.run({ untilMs: kernel.loop.now + 31_000 });
    expect(askIt('other.org.')).toBe('10.0.0.2');
    expect(out.text).toContain('[INFO] Reloading complete');
  });

  test.each([
    {
      name: 'template: an answer made of the name',
      corefile:
        'template IN A ip.org {\n    match "^(?P<a>[0-9]+)-(?P<b>[0-9]+)[.]ip[.]org[.]$"\n    answer "{{ .Name }} 60 IN A 10.0.{{ .Group.a }}.{{ .Group.b }}"\n  }',
      ask: '7-9.ip.org.',
      want: '7-9.ip.org. 60 A 10.0.7.9',
    },
    {
      name: 'template: no match is no name',
      corefile: 'template IN A ip.org {\n    match "^x"\n    answer "{{ .Name }} IN A 10.0.0.1"\n  }',
      ask: 'y.ip.org.',
      want: 'NXDOMAIN',
    },
    {
      name: 'template: a code',
      corefile: 'template ANY ANY {\n    rcode NXDOMAIN\n  }',
      ask: 'y.ip.org.',
      want: 'NXDOMAIN',
    },
    {
      name: 'rewrite: an expression leaves the other name in the answer',
      corefile: 'rewrite name regex (.*)[.]old[.]org {1}.new.org',
      ask: 'a.old.org.',
      want: 'a.new.org. 60 A 10.0.0.1',
    },
    {
      name: 'rewrite: unless it is put back',
      corefile: 'rewrite name regex (.*)[.]old[.]org {1}.new.org answer auto',
      ask: 'a.old.org.',
      want: 'a.old.org. 60 A 10.0.0.1',
    },
    {
      name: 'rewrite: a block with an answer rule',
      corefile: 'rewrite stop {\n    name regex (.*)[.]old[.]org {1}.new.org\n    answer name (.*)[.]new[.]org {1}.old.org\n  }',
      ask: 'a.old.org.',
      want: 'a.old.org. 60 A 10.0.0.1',
    },
    {
      name: 'rewrite: the first rule that applies is the last',
      corefile: 'rewrite name a.old.org a.new.org\n  rewrite name a.new.org b.new.org',
      ask: 'a.old.org.',
      want: 'a.old.org. 60 A 10.0.0.1',
    },
    {
      name: 'rewrite: unless it continues',
      corefile: 'rewrite continue name a.old.org a.new.org\n  rewrite name a.new.org b.new.org',
      ask: 'a.old.org.',
      want: 'a.old.org. 60 A 10.0.0.2',
    },
    { name: 'rewrite: a TTL', corefile: 'rewrite ttl exact a.new.org. 5', ask: 'a.new.org.', want: 'a.new.org. 5 A 10.0.0.1' },
    { name: 'any', corefile: 'any', ask: 'a.new.org.', type: 'ANY' as const, want: 'a.new.org. 8482 HINFO "ANY obsoleted" "See RFC 8482"' },
  ])('$name', ({ corefile, ask: name, type, want }) => {
    start(`. {\n  ${corefile}\n  hosts {\n    10.0.0.1 a.new.org\n    10.0.0.2 b.new.org\n    ttl 60\n  }\n}\n`);
    const { answers, code } = askFor(name, type ? { type } : {});
    expect(answers[0] ? `${answers[0].name} ${answers[0].ttl} ${answers[0].type} ${answers[0].data}` : code).toBe(want);
  });

  test('what has no room in a datagram is cut, and whole over TCP', () => {
    const many = Array.from({ length: 40 }, (_, i) => `    10.0.1.${i} many.org\n`).join('');
    start(`. {\n  log\n  hosts {\n${many}  }\n}\n`);
    const [cut, whole] = [askFor('many.org.'), askFor('many.org.', { protocol: 'TCP' })];
    expect([cut.isTruncated, cut.answers.length]).toEqual([true, 30]);
    expect([whole.isTruncated, whole.answers.length]).toEqual([undefined, 40]);
    expect(out.text).toMatch(/"A IN many\.org\. tcp \d+ false 65535" NOERROR/);
  });

  test.each([
    { corefile: 'forward . nowhere', want: 'plugin/forward: not an IP address or file: "nowhere"\n' },
    {
      corefile: 'forward . 9.9.9.9 {\n    fast\n  }',
      want: "plugin/forward: /Corefile:3 - Error during parsing: unknown property 'fast'\n",
    },
    {
      corefile: 'kubernetes {\n    pods sometimes\n  }',
      want: 'plugin/kubernetes: /Corefile:3 - Error during parsing: wrong value for pods: sometimes,  must be one of: disabled, verified, insecure\n',
    },
    {
      corefile: 'template IN A {\n    match x\n  }',
      want: 'plugin/template: /Corefile:2 - Error during parsing: no answer section for template found\n',
    },
  ])('refuses $corefile', ({ corefile, want }) => {
    expect(start(`. {\n  ${corefile}\n}\n`).exit?.code).toBe(1);
    expect(out.text).toBe(want);
  });

  test('keeps what it has when the new file is broken', () => {
    start('. {\n  hosts {\n    10.0.0.1 web.org\n  }\n  reload\n}\n');
    machine.fs.writeFile('/Corefile', utf8('. {\n  hosst\n}\n'));
    kernel.loop.run({ untilMs: 31_000 });
    expect(out.text).toContain("[ERROR] Restart failed: /Corefile:2 - Error during parsing: Unknown directive 'hosst'");
    expect(askIt('web.org.')).toBe('10.0.0.1');
  });

  test('does not start with an unknown directive', () => {
    expect(start('. {\n  forwrd . 9.9.9.9\n}\n').exit?.code).toBe(1);
    expect(out.text).toBe("/Corefile:2 - Error during parsing: Unknown directive 'forwrd'\n");
  });

  test('ends itself when it forwards to itself', () => {
    const process = start('. {\n  loop\n  forward . 127.0.0.1\n}\n');
    kernel.loop.run({ untilMs: 1000 });
    expect(process.exit?.code).toBe(1);
    expect(out.text).toContain('[FATAL] plugin/loop: Loop (127.0.0.1:');
  });

  test('answers for as long as the lame duck lives', () => {
    const process = start('. {\n  health {\n    lameduck 5s\n  }\n  hosts {\n    10.0.0.1 web.org\n  }\n}\n');
    kernel.signal(process, 'TERM');
    kernel.loop.run({ untilMs: kernel.loop.now + 4000 });
    expect(process.exit).toBeUndefined();
    kernel.loop.run({ untilMs: kernel.loop.now + 2000 });
    expect(process.exit?.code).toBe(0);
  });
});
