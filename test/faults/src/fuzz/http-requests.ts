import type { Random } from '../random.ts';
import { hostileJson, plainOrder } from './hostile-json.ts';
import type { Write } from './http-exchange.ts';

/** One client with bad intent. */
export interface Attack {
  readonly kind: AttackKind;
  readonly writes: readonly Write[];
  /** Answers that are waited for; 0 = it leaves. */
  readonly answers: number;
}

/** An address that a service answers at. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

const crlf = '\r\n';
const at = (bytes: Buffer | string, afterMs = 0): Write => ({ bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, afterMs });
const json = 'content-type: application/json';

function request(method: string, path: string, headers: readonly string[], body?: Buffer): Write {
  const length = body === undefined || headers.some((header) => /^(content-length|transfer-encoding)/i.test(header)) ? [] : [`content-length: ${body.length}`];
  return at(Buffer.concat([Buffer.from([`${method} ${path} HTTP/1.1`, 'host: door', ...headers, ...length, '', ''].join(crlf), 'latin1'), body ?? Buffer.alloc(0)]));
}

const chunk = (body: Buffer): Buffer => Buffer.concat([Buffer.from(`${body.length.toString(16)}${crlf}`), body, Buffer.from(crlf)]);
const noise = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => random.whole(0, 255)));
const orNone = <T>(random: Random, share: number, value: T): T[] => (random.chance(share) ? [value] : []);

const attacks = {
  'plain': (random, { method, path }) => [[request(method, path, [json], method === 'POST' ? Buffer.from(JSON.stringify(plainOrder(random))) : undefined)], 1],
  'hostile-json': (random, { path }) => [[request('POST', path, [json], hostileJson(random))], 1],
  'large-length': (random, { path }) => [[request('POST', path, [json, `content-length: ${random.pick(['1048577', '4294967296', '9007199254740993', '99999999999999999999'])}`]), at(Buffer.alloc(random.whole(0, 3_000_000), 32))], 1],
  'large-chunked': (random, { path }) => [[request('POST', path, [json, 'transfer-encoding: chunked']), ...Array.from({ length: random.whole(17, 40) }, () => at(chunk(Buffer.alloc(65_536, 32))))], 1],
  'many-headers': (random, { method, path }) => [[request(method, path, Array.from({ length: random.whole(98, 900) }, (_, index) => `x-${index}: a`))], 1],
  'large-headers': (random, { method, path }) => [[request(method, path, [`x-large: ${'a'.repeat(random.whole(15_000, 400_000))}`])], 1],
  'header-bytes': (random, { method, path }) => [[request(method, path, [`x-odd: ${noise(random, 40).toString('latin1')}`, ...orNone(random, 0.3, 'no colon'), ...orNone(random, 0.3, ': no name'), ...orNone(random, 0.3, 'a b: c')])], 1],
  'twice': (random, { path }) => [[request('POST', path, [json, random.pick(['content-length: 5\r\ncontent-length: 7', 'content-length: 5\r\ntransfer-encoding: chunked', 'transfer-encoding: chunked, chunked', 'transfer-encoding: identity', 'content-length: -1', 'content-length: 0x10', 'content-length: 5, 5'])], Buffer.from('{"a":1}'))], 1],
  'content-type': (random, { path }) => [[request('POST', path, [`content-type: ${random.pick(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'application/json; charset=utf-16', 'application/jsonp', ';', '*/*', 'application/json, text/plain', noise(random, 20).toString('latin1')])}`], Buffer.from('a=1&__proto__[x]=1'))], 1],
  'no-type': (_random, { path }) => [[request('POST', path, [], Buffer.from('{"a":1}'))], 1],
  'encoding': (random, { path }) => [[request('POST', path, [json, `content-encoding: ${random.pick(['gzip', 'br', 'deflate'])}`], noise(random, 200))], 1],
  'chunk-noise': (random, { path }) => [[request('POST', path, [json, 'transfer-encoding: chunked']), at(random.pick(['zz\r\n{}\r\n0\r\n\r\n', '-1\r\n{}\r\n', 'ffffffffffffffffff\r\n', '2\r\n{}', '2;'.padEnd(40_000, 'a'), '2\r\n{}\r\n0\r\nx: y\r\n'.padEnd(30_000, 'z'), '5\r\n{}\r\n0\r\n\r\n']))], 1],
  'path': (random, route) => [[request(random.pick(['GET', 'POST']), hostilePath(random, route), [json], Buffer.from('{}'))], 1],
  'method': (random, { path }) => [[request(random.pick(['HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'QUERY', 'PROPFIND', 'get', 'NONSENSE', 'PRI']), path, [])], 1],
  'version': (random, { method, path }) => [[at(`${method} ${path} ${random.pick(['HTTP/0.9', 'HTTP/2.0', 'HTTP/1.2', 'HTTP/1.0', 'HTTP/9', ''])}${crlf}host: a${crlf}${crlf}`)], 1],
  'no-host': (_random, { method, path }) => [[at(`${method} ${path} HTTP/1.1${crlf}${crlf}`)], 1],
  'expectation': (random, { path }) => [[request('POST', path, [json, `expect: ${random.pick(['100-continue', '200-ok', 'x'])}`], Buffer.from(JSON.stringify(plainOrder(random))))], 1],
  'upgrade': (random, { path }) => [[request('GET', path, ['connection: upgrade', `upgrade: ${random.pick(['websocket', 'h2c', 'TLS/1.0'])}`, 'http2-settings: AAMAAABkAARAAAAAAAIAAAAA'])], 1],
  'no-http': (random) => [[at(random.pick([noise(random, 300), Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(5000, 13), Buffer.from(`GET${' '.repeat(20_000)}/`)])), at(crlf + crlf)], 1],
  'pipeline': (random, { path }) => {
    const count = random.whole(2, 60);
    return [[at(Buffer.concat(Array.from({ length: count }, () => (random.chance(0.5) ? request('GET', path, []) : request('POST', path, [json], Buffer.from('{"a":1}'))).bytes)))], random.chance(0.5) ? count : 0];
  },
  'ids': (random, { path }) => [[request('POST', path, [json, `idempotency-key: ${random.pick(['a'.repeat(10_000), '\xff\xfe', ' ', 'ok', '\t', `k${random.whole(0, 5)}`])}`, `ce-id: ${random.pick(['x', '\xe4', 'a'.repeat(300)])}`, `traceparent: ${random.pick(['00-0', noise(random, 30).toString('hex'), `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`])}`, `tracestate: ${'a'.repeat(random.whole(0, 9000))}`], Buffer.from(JSON.stringify([plainOrder(random), plainOrder(random)])))], 1],
  'cut-off': (random, { path }) => {
    const { bytes } = request('POST', path, [json], Buffer.from(JSON.stringify(plainOrder(random))));
    return [[at(bytes.subarray(0, random.whole(1, bytes.length)))], 0];
  },
  'no-reading': (random, { path }) => [[at(Buffer.concat(Array.from({ length: random.whole(50, 400) }, () => request('GET', path, []).bytes)))], 0],
  'slow-headers': (random, { method, path }) => [[at(`${method} ${path} HTTP/1.1${crlf}host: a${crlf}`), ...Array.from({ length: 60 }, (_, index) => at(`x-${index}: ${random.whole(0, 9)}${crlf}`, 250))], 1],
  'slow-body': (_random, { path }) => [[request('POST', path, [json, 'content-length: 900000']), ...Array.from({ length: 60 }, () => at(' '.repeat(8), 250))], 1],
  'silent': () => [[], 1],
} satisfies Record<string, (random: Random, route: Route) => [Write[], number]>;

export type AttackKind = keyof typeof attacks;
/** Those that take as long as the server lets them. */
export const slowKinds: readonly AttackKind[] = ['slow-headers', 'slow-body', 'silent'];
export const quickKinds = (Object.keys(attacks) as AttackKind[]).filter((kind) => !slowKinds.includes(kind));

export function attack(kind: AttackKind, random: Random, route: Route): Attack {
  const [writes, answers] = attacks[kind](random, route);
  return { kind, writes, answers };
}

function hostilePath(random: Random, { path }: Route): string {
  return random.pick([
    `/${path}`, `${path}/`, `${path}//`, `/.${path}`, `/..${path}`, `/%2e%2e${path}`, `${path}/../../etc/passwd`, `${path}%2f..%2f..`, `${path}%00`, `${path}%`, `${path}%zz`, `${path}%c0%ae`,
    path.replace('e', '%65'), path.toUpperCase(), `${path};a=b`, `${path}?${'a=1&'.repeat(500)}`, `${path}?__proto__[x]=1&constructor=2`, `${path}?epoch[]=1&epoch=2`, `${path}#x`, '*', `http://other${path}`, '//',
    `${path}/${'a'.repeat(random.whole(90, 12_000))}`, `/models/__proto__`, '/models/constructor/timeline', '/streams/toString', '/events/__proto__', '/performance/hasOwnProperty', '/rollouts/__proto__', `/events/${'%41'.repeat(101)}`,
    '/models/%00/versions', "/models/'; drop table models; --/versions".replaceAll(' ', '%20'), '/models/a/versions/99999999999999999999', '/models/%ed%a0%80/versions',
  ]);
}
