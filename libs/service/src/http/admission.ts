import { MillraceError } from '@millrace/contracts';
import type { DoorLimits } from './door-limits.ts';

/** How a door stands. */
export interface AdmissionStanding {
  /** Requests that are being worked on. */
  readonly requests: number;
  /** Bytes of their bodies, and of those that are still coming. */
  readonly bytes: number;
  /** Requests since the start that were answered 429 or 503 because the door was full. */
  readonly refused: number;
}

/**
 * Says which requests a door takes on. Load beyond a limit is refused before its body is read, since a request that waits costs
 * memory and, once its client has given up, is worked on for nobody (Google, Site Reliability Engineering, chapter 21).
 *
 * @example if (admission.refusal('10.0.0.7', 120) === undefined) { const leave = admission.enter('10.0.0.7'); … leave(); }
 */
export class Admission {
  private readonly limits: Pick<DoorLimits, 'requests' | 'bytes'>;
  private readonly byClient = new Map<string, number>();
  private requests = 0;
  private bytes = 0;
  private refused = 0;

  constructor(limits: Pick<DoorLimits, 'requests' | 'bytes'>) {
    this.limits = limits;
  }

  /**
   * Why a request cannot be taken on now; undefined if it can. A client that has more than its share of a door that is half full
   * and that others use too gets TOO_MANY_REQUESTS, everybody gets OVERLOADED when it is full.
   */
  refusal(client: string, bodyBytes: number): MillraceError | undefined {
    const { limits, byClient } = this;
    if (this.requests >= limits.requests) return this.refuse('OVERLOADED', `the service works on ${limits.requests} requests already`);
    if (this.bytes + bodyBytes > limits.bytes) return this.refuse('OVERLOADED', `the bodies of the requests that the service works on have ${limits.bytes} bytes already`);
    const own = byClient.get(client) ?? 0;
    const clients = byClient.size + (own === 0 ? 1 : 0);
    if (this.requests >= limits.requests / 2 && own >= limits.requests / clients) return this.refuse('TOO_MANY_REQUESTS', `this client has ${own} of ${limits.requests} requests under way, and others wait`);
    return undefined;
  }

  /** Takes a request on; the function that is returned ends it. */
  enter(client: string): () => void {
    this.requests++;
    this.byClient.set(client, (this.byClient.get(client) ?? 0) + 1);
    return () => {
      this.requests--;
      const left = this.byClient.get(client)! - 1;
      if (left === 0) this.byClient.delete(client);
      else this.byClient.set(client, left);
    };
  }

  /** Bytes of a body that have come, or that are needed no more (below 0). */
  count(bytes: number): void {
    this.bytes += bytes;
  }

  standing(): AdmissionStanding {
    const { requests, bytes, refused } = this;
    return { requests, bytes, refused };
  }

  private refuse(code: string, sentence: string): MillraceError {
    this.refused++;
    return new MillraceError(code, sentence, { retriable: true, hint: 'send it again after the seconds of Retry-After, with the same ids' });
  }
}
