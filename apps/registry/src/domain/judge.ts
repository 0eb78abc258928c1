import { ModelVersionApproved, ModelVersionRejected, type Verdict } from '@millrace/contracts';
import { gateOf } from './gates/gate-of.ts';
import type { JudgeVersionInput } from './judge-version.ts';
import type { Runtime } from './runtime.ts';

/** Asks every gate, also after one has failed, so that a rejection tells all that is wrong. */
export async function judge(input: JudgeVersionInput, runtime: Runtime, progress: (share: number, text: string) => void): Promise<ModelVersionApproved | ModelVersionRejected> {
  const { model, version, bundle, gates } = input;
  const verdicts: Verdict[] = [];
  for (const gate of gates.map((definition) => gateOf(definition, runtime))) {
    progress(verdicts.length / gates.length, gate.name);
    verdicts.push(await gate.judge(input));
  }
  if (verdicts.every(({ passed }) => passed)) return new ModelVersionApproved({ model, version, bundle, verdicts, approvedBy: 'gates' });
  return new ModelVersionRejected({ model, version, bundle, verdicts, rejectedBy: 'gates' });
}
