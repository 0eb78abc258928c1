/** A fail point that acted, as its process has said. */
export interface FailPointHit {
  readonly point: string;
  readonly action: string;
  readonly pid: number;
}

const LINE = /fail point ([a-z.-]+): ([a-z]+) in process (\d+)$/;

/**
 * Finds in the output of processes what their fail points did; pieces may end anywhere.
 *
 * @example
 * const hits = new FailPointHits((hit) => console.log(hit.point));
 * child.stderr.on('data', (chunk) => hits.push(chunk.toString()));
 */
export class FailPointHits {
  private readonly take: (hit: FailPointHit) => void;
  private rest = '';

  constructor(take: (hit: FailPointHit) => void) {
    this.take = take;
  }

  push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop()!;
    for (const line of lines) {
      const [, point, action, pid] = LINE.exec(line) ?? [];
      if (point !== undefined) this.take({ point, action: action!, pid: Number(pid) });
    }
  }
}
