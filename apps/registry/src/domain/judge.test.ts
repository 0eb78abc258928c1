import { describe, expect, it } from '@jest/globals';
import { MillraceError, ModelVersionApproved, ModelVersionRejected } from '@millrace/contracts';
import type { JudgeVersionInput } from './judge-version.ts';
import { JudgeVersion } from './judge-version.ts';
import { judge } from './judge.ts';
import { Runtime } from './runtime.ts';

class EqualRuntime extends Runtime {
  golden = async () => ({ provider: 'cpu', rows: 5, largestDifference: 0, tolerance: 1e-5 });
}
/** Its process is ended from outside so many times. */
class EndedRuntime extends EqualRuntime {
  private left: number;
  constructor(times: number) {
    super();
    this.left = times;
  }
  override golden = async () => {
    if (this.left-- > 0) throw new MillraceError('SCORING_ENDED', 'the scoring process is gone', { retriable: true });
    return { provider: 'cpu', rows: 5, largestDifference: 0, tolerance: 1e-5 };
  };
}
const figures = { auc: 0.65, logLoss: 0.4, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 };
const input: JudgeVersionInput = { model: 'm', version: 2, bundle: 'b', candidate: figures, champion: { ...figures, logLoss: 0.3 }, championVersion: 1, holdoutRows: 10, gates: [{ kind: 'at-least', metric: 'auc', limit: 0.6 }, { kind: 'better-than-champion', metric: 'logLoss' }, { kind: 'answers-in-runtime' }] };

describe('judge', () => {
  it('approves when every gate passes', async () => {
    const verdict = await judge({ ...input, champion: null }, new EqualRuntime(), () => undefined);
    expect(verdict).toBeInstanceOf(ModelVersionApproved);
    expect(verdict).toMatchObject({ model: 'm', version: 2, bundle: 'b', approvedBy: 'gates' });
    expect(verdict.verdicts.map(({ gate, passed }) => [gate, passed])).toEqual([['at-least auc', true], ['better-than-champion logLoss', true], ['answers-in-runtime', true]]);
  });

  it('rejects when one does not, and asks the others all the same', async () => {
    const verdict = await judge(input, new EqualRuntime(), () => undefined);
    expect(verdict).toBeInstanceOf(ModelVersionRejected);
    expect(verdict.verdicts.map(({ passed }) => passed)).toEqual([true, false, true]);
  });

  it.each([[2, true], [3, false]])('asks again when the process of the model is ended from outside: %d times', async (times, passed) => {
    const verdict = await judge({ ...input, champion: null }, new EndedRuntime(times), () => undefined);
    expect(verdict.verdicts.at(-1)).toMatchObject({ gate: 'answers-in-runtime', passed });
  });

  it('rejects a version whose gates cannot be asked', () => {
    expect(JudgeVersion.failed(new MillraceError('JOB_CRASHED', 'the process ended'), 'm@2', input)).toMatchObject({ version: 2, rejectedBy: 'gates', verdicts: [{ passed: false, sentence: 'the gates could not be asked: the process ended (JOB_CRASHED)' }] });
  });
});
