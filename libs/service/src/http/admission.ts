import { MillraceError } from '@millrace/contracts';
import type { DoorLimits } from './door-limits.ts';
import { Shares } from './shares.ts';

/** How a door stands. */
export interface AdmissionStanding {
  /** Requests that are being worked on. */
  readonly requests: number;
  /** Bytes of their bodies, and of those that are still coming, as far as their headers announce them. */
  readonly bytes: number;
  /** Requests since the start that were answered 429 or 503 because the door was full. */
  readonly refused: number;
}

/**
 * Says which requests a door takes on. Load beyond a limit is refused before its body is read, since a request that waits costs
 * memory and, once its client has given up, is worked on for nobody (Google, Site Reliability Engineering, chapter 21).
 *
 * Bytes are held from the headers on, for as long as a slow sender needs; so no client may hold more of them than are left free, and
 * the k-th that takes all it can leaves 1/(k+1) to others (Choudhury and Hahne, Dynamic Queue Length Thresholds for Shared-Memory
 * Packet Switches, 1998, with alpha = 1).
 *
 * @example if (admission.refusal('10.0.0.7', 120) === undefined) { admission.hold('10.0.0.7', 120); … admission.hold('10.0.0.7', -120); }
 */
export class Admission {
  private readonly limits: Pick<DoorLimits, 'requests' | 'bytes'>;
  private readonly requests = new Shares();
  private readonly bytes = new Shares();
  private refused = 0;

  constructor(limits: Pick<DoorLimits, 'requests' | 'bytes'>) {
    this.limits = limits;
  }

  /**
   * Why a request cannot be taken on now; undefined if it can. A client that has more than its share of a door that others use too gets
   * TOO_MANY_REQUESTS once it is half full, everybody gets OVERLOADED when it is full. Bodies in memory do not keep out a request that brings none.
   *
   * @param bodyBytes of its body that it does not hold yet
   */
  refusal(client: string, bodyBytes: number): MillraceError | undefined {
    const { limits, requests, bytes } = this;
    if (requests.total >= limits.requests) return this.refuse('OVERLOADED', `the service works on ${limits.requests} requests already`);
    const own = requests.of(client);
    const clients = requests.holders + (own === 0 ? 1 : 0);
    if (requests.total >= limits.requests / 2 && own >= limits.requests / clients) return this.refuse('TOO_MANY_REQUESTS', `this client has ${own} of ${limits.requests} requests under way, and others wait`);
    if (bodyBytes === 0) return undefined;
    const free = limits.bytes - bytes.total;
    const held = bytes.of(client);
    if (held > 0 && held + bodyBytes > free) return this.refuse('TOO_MANY_REQUESTS', `the bodies of this client's requests have ${held} of ${limits.bytes} bytes`);
    return bodyBytes > free ? this.refuse('OVERLOADED', `the bodies of all requests under way have ${bytes.total} of ${limits.bytes} bytes`) : undefined;
  }

  /** Takes a request on; the function that is returned ends it. */
  enter(client: string): () => void {
    this.requests.add(client, 1);
    return () => this.requests.add(client, -1);
  }

  /** Bytes of a body that come or have come, or that are needed no more (below 0). */
  hold(client: string, bytes: number): void {
    this.bytes.add(client, bytes);
  }

  standing(): AdmissionStanding {
    return { requests: this.requests.total, bytes: this.bytes.total, refused: this.refused };
  }

  private refuse(code: string, sentence: string): MillraceError {
    this.refused++;
    return new MillraceError(code, sentence, { retriable: true, hint: 'send it again after the seconds of Retry-After, with the same ids' });
  }
}
