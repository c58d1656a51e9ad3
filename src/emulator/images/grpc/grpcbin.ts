import type { Call, HttpRequest, HttpResponse, Program } from '../../kernel/index.ts';
import { serveUntilSignal } from '../http-server.ts';

const port = 9000;

type Message = Readonly<Record<string, unknown>>;

export const reflectionMethod = '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo';

/** Methods by service, each from a message to a message. Differs from the real one: its other services are absent. */
const services: Readonly<Record<string, Readonly<Record<string, (message: Message, request: HttpRequest) => Message>>>> = {
  'addsvc.Add': {
    Sum: ({ a = 0, b = 0 }) => ({ v: String(Number(a) + Number(b)) }),
    Concat: ({ a = '', b = '' }) => ({ v: `${a}${b}` }),
  },
  'grpc.reflection.v1alpha.ServerReflection': {},
  'grpcbin.GRPCBin': {
    Empty: () => ({}),
    DummyUnary: (message) => message,
    HeadersUnary: (_, { headers }) => ({
      Metadata: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { values: [value] }])),
    }),
  },
  'hello.HelloService': { SayHello: ({ greeting }) => ({ reply: `hello ${greeting ?? 'noname'}` }) },
};

const answer = (body: object, code = 0, message = ''): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'application/grpc', 'grpc-status': String(code), ...(message !== '' && { 'grpc-message': message }) },
  body,
});

function* handle(request: HttpRequest): Call<HttpResponse> {
  const [, service = '', method = ''] = /^\/([^/]+)\/([^/]+)$/.exec(request.target) ?? [];
  if (request.target === reflectionMethod)
    return answer({ services: Object.entries(services).map(([name, methods]) => ({ name, methods: Object.keys(methods) })) });
  const methods = services[service];
  if (!methods) return answer({}, 12, `unknown service ${service}`);
  const call = methods[method];
  return call ? answer(call(request.body as Message, request)) : answer({}, 12, `unknown method ${method} for service ${service}`);
}

/** A server with a few services that it describes by reflection, on port 9000 without TLS. */
export const grpcbin: Program = function* (sys) {
  const listener = sys.net.listen(port, { http: handle });
  sys.own(() => listener.close());
  yield* sys.print(2, `listening on :${port} (insecure gRPC)\n`);
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
};
