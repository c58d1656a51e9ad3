/** Small servers that tutorials start with: hello-app, node-hello, http-echo, goproxy, and the frontend and backend that find one another by DNS. */
import type { Call, HttpRequest, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { utf8 } from '../../kernel/index.ts';
import { serveUntilSignal } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { nginx } from '../nginx/index.ts';
import { debianFiles } from '../userland.ts';

function* serve(sys: Sys, port: number, status: number, body: (request: HttpRequest) => string): Call<number> {
  const listener = sys.net.listen(port, {
    http: function* (request): Call<HttpResponse> {
      const text = utf8(body(request));
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(text.length) };
      return { status, headers, body: text };
    },
  });
  sys.own(() => listener.close());
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
}

const helloApp = (version: string): Program =>
  function* (sys) {
    const port = Number(sys.env.get('PORT') ?? 8080);
    yield* sys.print(2, `Server listening on port ${port}\n`);
    return yield* serve(sys, port, 200, ({ target }) => {
      sys.fds.get(2).write(utf8(`Serving request: ${target}\n`));
      return `Hello, world!\nVersion: ${version}.0\nHostname: ${sys.hostname}\n`;
    });
  };

/** `-text=hello -listen=:5678`. */
const httpEcho: Program = function* (sys) {
  const flag = (name: string): string | undefined => {
    const at = sys.argv.findIndex((arg) => new RegExp(`^--?${name}(=|$)`).test(arg));
    if (at < 0) return undefined;
    return sys.argv[at]!.includes('=') ? sys.argv[at]!.slice(sys.argv[at]!.indexOf('=') + 1) : sys.argv[at + 1];
  };
  const text = flag('text') ?? sys.env.get('ECHO_TEXT');
  if (text === undefined) {
    yield* sys.print(2, 'Missing -text option or ECHO_TEXT env var!\n');
    return 127;
  }
  const listen = flag('listen') ?? ':5678';
  yield* sys.print(1, `[INFO] server is listening on ${listen}\n`);
  return yield* serve(sys, Number(listen.slice(listen.lastIndexOf(':') + 1)), 200, () => `${text}\n`);
};

const goproxy: Program = (sys) => serve(sys, 8080, 500, () => 'This is a proxy server. Does not respond to non-proxy requests.\n');

const nodeHello: Program = (sys) => serve(sys, 8080, 200, () => 'Hello Kubernetes!');

/** The backend of the tutorial that connects a frontend to it. */
const helloGo: Program = (sys) => serve(sys, 80, 200, () => '{"message":"Hello"}\n');

/** Its frontend: nginx that passes everything on to the Service `hello`. */
const frontendSite = `upstream Backend {
    server hello;
}

server {
    listen 80;

    location / {
        proxy_pass http://Backend;
    }
}
`;

const hello = (repository: string): ImageDefinition => ({
  repository,
  versions: [
    { tags: ['1.0'], sizeBytes: 11_530_000 },
    { tags: ['2.0'], sizeBytes: 11_530_000 },
  ],
  usage: { memoryBytes: 3_100_000 },
  config: { entrypoint: ['/hello-app'], env: { PORT: '8080' }, exposedPorts: [8080] },
  files: (version) => ({ '/hello-app': helloApp(version) }),
});

export const helloImages: readonly ImageDefinition[] = [
  hello('gcr.io/google-samples/hello-app'),
  hello('us-docker.pkg.dev/google-samples/containers/gke/hello-app'),
  {
    repository: 'gcr.io/google-samples/node-hello',
    versions: [{ tags: ['1.0'], sizeBytes: 249_000_000 }],
    config: { cmd: ['/bin/sh', '-c', 'node server.js'], exposedPorts: [8080] },
    files: (_version, programs) => ({ ...debianFiles(programs), '/usr/local/bin/node': nodeHello }),
  },
  {
    repository: 'gcr.io/google-samples/hello-go-gke',
    versions: [{ tags: ['1.0'], sizeBytes: 7_000_000 }],
    config: { entrypoint: ['/usr/bin/hello'], exposedPorts: [80] },
    files: () => ({ '/usr/bin/hello': helloGo }),
  },
  {
    ...nginx,
    repository: 'gcr.io/google-samples/hello-frontend',
    versions: [{ ...nginx.versions.at(-1)!, tags: ['1.0'] }],
    files: (_, programs) => ({ ...nginx.files(nginx.versions.at(-1)!.tags[0]!, programs), '/etc/nginx/conf.d/default.conf': frontendSite }),
  },
  {
    repository: 'docker.io/hashicorp/http-echo',
    versions: [{ tags: ['1.0.0', '1.0', 'latest', '0.2.3'], sizeBytes: 3_460_000 }],
    config: { entrypoint: ['/http-echo'], exposedPorts: [5678] },
    files: () => ({ '/http-echo': httpEcho }),
  },
  {
    repository: 'registry.k8s.io/goproxy',
    versions: [{ tags: ['0.1'], sizeBytes: 1_720_000 }],
    config: { entrypoint: ['/goproxy'], exposedPorts: [8080] },
    files: () => ({ '/goproxy': goproxy }),
  },
];
