import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { parseRules } from './rule.ts';

const index = new URL('./index.ts', import.meta.url).href;
const run = (rules: string, code: string) =>
  spawnSync(process.execPath, ['--conditions=@millrace/source', '--no-warnings', '--input-type=module', '-e', `import { armFromEnvironment, failPoint } from '${index}'; armFromEnvironment(process.env); ${code}`], {
    env: { MILLRACE_FAIL_POINTS: rules },
    encoding: 'utf8',
    timeout: 20_000,
  });

describe('fail points', () => {
  it('are read from text', () => {
    expect(parseRules('transaction.*=wait(0-4); snapshot.written=kill@2; transaction.commit=fail%2.5')).toEqual({ rules: [
      { pattern: 'transaction.*', action: { kind: 'wait', fromMs: 0, toMs: 4 } },
      { pattern: 'snapshot.written', action: { kind: 'kill' }, visit: 2 },
      { pattern: 'transaction.commit', action: { kind: 'fail' }, share: 0.025 },
    ] });
  });

  it.each(['snapshot.writen=kill', 'snapshot.written', 'snapshot.written=explode', 'snapshot.written=kill@x', 'seed=x'])('a slip is refused: %s', (text) => {
    expect(() => parseRules(text)).toThrow(expect.objectContaining({ code: 'FAIL_POINTS_INVALID' }));
  });

  it('end the process at the visit asked for and not before', () => {
    const { signal, stdout } = run('batch.*=kill@3', "for (const point of ['batch.taken', 'snapshot.taken', 'batch.handled', 'batch.ended']) { await failPoint(point); console.log(point); }");
    expect(signal).toBe('SIGKILL');
    expect(stdout.trim().split('\n')).toEqual(['batch.taken', 'snapshot.taken', 'batch.handled']);
  });

  it('fail a step as an error that may be retried', () => {
    const { stdout } = run('segment.written=fail@1', "await failPoint('segment.written').catch((error) => console.log(error.code, error.retriable)); await failPoint('segment.written'); console.log('on');");
    expect(stdout).toBe('FAIL_POINT true\non\n');
  });

  it('happen by the same chance for the same seed', () => {
    const visits = (seed: number): string => run(`batch.taken=fail%50; seed=${seed}`, "for (let visit = 0; visit < 40; visit++) await Promise.resolve(failPoint('batch.taken')).then(() => process.stdout.write('.'), () => process.stdout.write('x'));").stdout;
    expect(visits(7)).toMatch(/^[.x]{40}$/);
    expect(visits(7)).toBe(visits(7));
    expect(visits(8)).not.toBe(visits(7));
  });

  it('are refused in production', () => {
    const { status, stderr } = spawnSync(process.execPath, ['--conditions=@millrace/source', '--no-warnings', '--input-type=module', '-e', `import { armFromEnvironment } from '${index}'; armFromEnvironment({ NODE_ENV: 'production', MILLRACE_FAIL_POINTS: 'batch.taken=kill' });`], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('FAIL_POINTS_REFUSED');
  });
});
