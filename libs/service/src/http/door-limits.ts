/** What the HTTP door of a service takes at most. */
export interface DoorLimits {
  /** Requests whose bodies have come and that are being worked on. */
  readonly requests: number;
  /** Bytes of bodies in memory, or announced and still coming, of all requests together. */
  readonly bytes: number;
  /** Open connections. */
  readonly connections: number;
  /** Milliseconds from the first byte of a request to its last. */
  readonly requestMs: number;
}

/** @param options as `serviceOptions` reads them */
export function doorLimits({ httpRequests, httpMegabytes, httpConnections, httpTimeoutMs }: Readonly<Record<'httpRequests' | 'httpMegabytes' | 'httpConnections' | 'httpTimeoutMs', number>>): DoorLimits {
  return { requests: httpRequests, bytes: httpMegabytes * 2 ** 20, connections: httpConnections, requestMs: httpTimeoutMs };
}

/** Body of one request at most, bytes. */
export const bodyLimit = 1 << 20;
/** Header fields of one request at most; all of them together may have 16 KiB. */
export const headerLimit = 100;
/** Arrays and objects within each other in a body at most. */
export const depthLimit = 20;
