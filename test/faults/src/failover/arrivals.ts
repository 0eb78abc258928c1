import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** When committed records of a topic become visible, by partition: read by kcat, whose Kafka client is not the one under test. */
export class Arrivals {
  /** Times (`performance.now()`) in order, by partition. */
  readonly times = new Map<number, number[]>();
  private readonly child: ChildProcess;

  constructor(brokers: string, topic: string) {
    this.child = spawn('kcat', ['-b', brokers, '-C', '-t', topic, '-o', 'end', '-q', '-u', '-X', 'isolation.level=read_committed', '-X', 'fetch.wait.max.ms=20', '-f', '%p\\n'], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      const partition = Number(line);
      const times = this.times.get(partition) ?? [];
      times.push(performance.now());
      this.times.set(partition, times);
    });
  }

  /** Waits until each of `partitions` partitions has shown a record after `at`. False when one has not after `withinMs`. */
  async after(at: number, partitions: number, withinMs: number): Promise<boolean> {
    for (const end = performance.now() + withinMs; performance.now() < end; await delay(10)) if (this.times.size >= partitions && [...this.times.values()].every((times) => times.at(-1)! > at)) return true;
    return false;
  }

  /** Longest pause of any partition that ended between `from` and `to`, or was not over at `to`, milliseconds. */
  longestPauseMs(from: number, to: number): number {
    let longest = 0;
    for (const times of this.times.values()) {
      let before = times.findLast((time) => time <= from) ?? from;
      for (const time of times.filter((at) => at > from && at <= to)) {
        longest = Math.max(longest, time - before);
        before = time;
      }
      longest = Math.max(longest, to - before);
    }
    return longest;
  }

  close(): void {
    this.child.kill();
  }
}
