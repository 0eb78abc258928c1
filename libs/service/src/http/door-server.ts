import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MillraceError } from '@millrace/contracts';
import { clientAddress } from './client-address.ts';
import { headerLimit } from './door-limits.ts';
import type { Door } from './door.ts';
import { errorAnswer, rawAnswer } from './error-answer.ts';
import { Shares } from './shares.ts';

/** Connections without traffic in either direction end after this, ms: a client that does not read its answer holds no memory for long. */
const silentMs = 90_000;
/** How long what a client still sends is read and thrown away after a malformed request, ms: closing at once would destroy the answer. */
const lingerMs = 500;
const statuses: Readonly<Record<string, number>> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431, HPE_CHUNK_EXTENSIONS_OVERFLOW: 413 };

/** The HTTP server of a door. What the door refuses is answered here, at a fraction of the cost of a request; its body is thrown away as it comes. */
export function createDoorServer(door: Door, handler: RequestListener): Server {
  const { connections, requestMs } = door.limits;
  const server = createServer(
    // Node looks for late requests only so often, by default every 30 s.
    { maxHeaderSize: 16_384, requestTimeout: requestMs, headersTimeout: requestMs, connectionsCheckingInterval: Math.min(1000, requestMs / 2), keepAliveTimeout: 72_000, requireHostHeader: false },
    (request, response) => {
      const refused = door.refusal(request);
      if (refused) refuse(door, response, refused);
      else handler(request, response);
    },
  );
  // Node drops what is beyond without a word: one more shows that there are too many.
  server.maxHeadersCount = headerLimit + 1;
  server.maxConnections = connections;
  server.setTimeout(silentMs);
  shareConnections(server, connections);
  // A client that asks before it sends a large body is told before.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const refused = door.refusal(request);
    if (refused) return refuse(door, response, refused);
    response.writeContinue();
    handler(request, response);
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    refuse(door, response, new MillraceError('EXPECTATION_FAILED', 'the request expects what is not done here', { hint: 'of Expect, 100-continue alone is known' }));
  });
  return server;
}

/** Answers bytes that are no HTTP, or come too slowly. */
export function answerMalformed(error: Error & { code?: string }, socket: Socket & { _httpMessage?: ServerResponse | null }): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || socket.writableEnded) return;
  // In the middle of another answer there is no place for this one.
  if (!socket.writable || socket._httpMessage?.headersSent) return void socket.destroy();
  socket.end(rawAnswer(statuses[error.code ?? ''] ?? 400));
  setTimeout(() => socket.destroy(), lingerMs).unref();
}

function refuse(door: Door, response: ServerResponse, error: MillraceError): void {
  const { status, body, retryAfter } = errorAnswer(error);
  const text = Buffer.from(JSON.stringify(body));
  if (door.isStopping) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': text.length, ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }) });
  response.end(text);
}

/** Connections that nobody uses make place for new ones, and one client leaves a tenth of all to others: behind a proxy or NAT it may be many. */
function shareConnections(server: Server, connections: number): void {
  const shares = new Shares();
  const most = Math.floor(0.9 * connections);
  let closing: NodeJS.Immediate | undefined;
  server.on('connection', (socket) => {
    const client = clientAddress(socket.remoteAddress);
    if (shares.of(client) >= most) return void socket.destroy();
    shares.add(client, 1);
    socket.once('close', () => shares.add(client, -1));
    if (shares.total > 0.9 * most)
      closing ??= setImmediate(() => {
        closing = undefined;
        server.closeIdleConnections();
      });
  });
}
