import { CommandIssued, ModelVersionApproved, ModelVersionRejected } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { Versions, type VersionsState } from '../domain/versions.ts';

/** An operator decides before the gates have; afterwards the verdict stands. */
@Decides(CommandIssued, { in: Versions, publishes: [ModelVersionApproved, ModelVersionRejected] })
export class CommandIssuedHandler {
  *decide(state: VersionsState, { event: { kind, model, version, who, why } }: Read<CommandIssued>): Iterable<ModelVersionApproved | ModelVersionRejected> {
    if (kind !== 'APPROVE' && kind !== 'REJECT') return;
    const found = state.pending.get(model)?.find((each) => each.version === version);
    if (!found) return;
    const { bundle } = found;
    const verdict = (passed: boolean) => [{ gate: 'operator', passed, value: NaN, limit: NaN, sentence: `${who}: ${why}` }];
    if (kind === 'APPROVE') yield new ModelVersionApproved({ model, version: found.version, bundle, verdicts: verdict(true), approvedBy: who });
    else yield new ModelVersionRejected({ model, version: found.version, bundle, verdicts: verdict(false), rejectedBy: who });
  }
}
