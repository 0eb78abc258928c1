import { ModelVersionApproved, ModelVersionRejected } from '@millrace/contracts';
import type { GateDefinition } from '@millrace/definitions';
import { defineJob } from '@millrace/messaging';
import type { Candidate } from './gates/gate.ts';

export interface JudgeVersionInput extends Candidate {
  readonly model: string;
  readonly version: number;
  readonly gates: readonly GateDefinition[];
}

/** Holds a version against all gates of its model; it ends with the verdicts. */
export const JudgeVersion = defineJob<JudgeVersionInput, [typeof ModelVersionApproved, typeof ModelVersionRejected]>('judge-version', {
  ends: [ModelVersionApproved, ModelVersionRejected],
  failed: ({ code, message }, _, { model, version, bundle }) =>
    new ModelVersionRejected({ model, version, bundle, verdicts: [{ gate: 'judge-version', passed: false, value: NaN, limit: NaN, sentence: `the gates could not be asked: ${message} (${code})` }], rejectedBy: 'gates' }),
});
