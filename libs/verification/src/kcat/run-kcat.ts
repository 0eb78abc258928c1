import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { MillraceError } from '@millrace/contracts';

/**
 * Output of one kcat, piece by piece; leaving the loop ends the process.
 * @throws MillraceError KCAT_MISSING, KCAT_FAILED
 */
export async function* kcatOutput(args: readonly string[], program = 'kcat'): AsyncGenerator<Buffer> {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  let missing: Error | undefined;
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      missing = error;
      resolve(null);
    });
    child.once('close', resolve);
  });
  let finished = false;
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    finished = true;
  } finally {
    if (!finished) child.kill('SIGKILL');
  }
  const code = await ended;
  if (missing) throw new MillraceError('KCAT_MISSING', 'kcat was not found', { cause: missing, hint: 'install it: apt-get install kcat (Debian, Ubuntu), brew install kcat (macOS)' });
  if (code !== 0) throw new MillraceError('KCAT_FAILED', `kcat ${args.join(' ')} ended with ${code}: ${complaint.trim()}`, { retriable: true });
}

/** Tries of a query whose own time limit, ten seconds, was too short for a busy machine. */
const mostTries = 3;

/** All output of one kcat. @throws MillraceError KCAT_MISSING, KCAT_FAILED */
export async function kcat(args: readonly string[], program?: string): Promise<Buffer> {
  for (let tries = 1; ; tries++) {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of kcatOutput(args, program)) pieces.push(piece);
      return Buffer.concat(pieces);
    } catch (error) {
      if (tries === mostTries || !(error as Error).message.includes('Local: Timed out')) throw error;
    }
  }
}
