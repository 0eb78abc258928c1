import type { ModelVersionApproved, ModelVersionRejected } from '@millrace/contracts';
import { Runs, type JobRun } from '@millrace/messaging';
import { JudgeVersion, type JudgeVersionInput } from '../domain/judge-version.ts';
import { judge } from '../domain/judge.ts';
import { Runtime } from '../domain/runtime.ts';

@Runs(JudgeVersion)
export class JudgeVersionJob {
  private readonly runtime: Runtime;

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  run(input: JudgeVersionInput, { progress }: JobRun): Promise<ModelVersionApproved | ModelVersionRejected> {
    return judge(input, this.runtime, progress);
  }
}
