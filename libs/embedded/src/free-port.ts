import net from 'node:net';
import { MillraceError } from '@millrace/contracts';

// Below the range from which systems take ports for outgoing connections (Linux from 32768, others from 49152): a port found
// free stays free until the server binds it, also across a restart.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Whether a server could bind 127.0.0.1:`port` now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isPortFree(port)) return port;
  }
  throw new MillraceError('PORT_IN_USE', `no free port between ${LOWEST} and ${HIGHEST}`, { hint: 'end servers that are no longer needed' });
}

/**
 * The port to bind: the wanted one, else the one of the last run if it is still free, else a free one.
 * @throws MillraceError PORT_IN_USE when the wanted port is taken
 */
export async function choosePort(wanted: number | undefined, last: number | undefined, server: string): Promise<number> {
  if (wanted) {
    if (await isPortFree(wanted)) return wanted;
    throw new MillraceError('PORT_IN_USE', `port ${wanted} for ${server} is in use`, { hint: 'end the program that listens there, or choose another port' });
  }
  return last && (await isPortFree(last)) ? last : freePort();
}
