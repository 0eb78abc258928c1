import { spawnSync } from 'node:child_process';
import { expect, it } from '@jest/globals';
import { FailPointHits, type FailPointHit } from './fail-point-hits.ts';

it('hears from the output of a process what its fail points did, wherever a piece ends', () => {
  const index = new URL('../../../../libs/fail-points/src/index.ts', import.meta.url).href;
  const { stderr, pid } = spawnSync(process.execPath, ['--conditions=@millrace/source', '--no-warnings', '--input-type=module', '-e', `import { armFromEnvironment, failPoint } from '${index}'; armFromEnvironment(process.env); await failPoint('batch.taken').catch(() => undefined); await failPoint('segment.written');`], {
    env: { MILLRACE_FAIL_POINTS: 'batch.taken=fail@1; segment.written=kill' },
    encoding: 'utf8',
    timeout: 20_000,
  });
  const heard: FailPointHit[] = [];
  const hits = new FailPointHits((hit) => heard.push(hit));
  for (const char of stderr) hits.push(char);
  expect(heard).toEqual([{ point: 'batch.taken', action: 'fail', pid }, { point: 'segment.written', action: 'kill', pid }]);
});
