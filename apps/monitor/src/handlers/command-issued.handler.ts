import { CommandIssued, RetrainRequested } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { beginningOfTime } from '../domain/beginning-of-time.ts';
import { episodeOf } from '../domain/episode.ts';
import { Findings, type FindingsState } from '../domain/findings.ts';
import { championOf, labelsOf } from '../domain/seen.ts';

/** An operator asks for a training: on all labels that are known now, or as soon as there are enough. */
@Decides(CommandIssued, { in: Findings, publishes: [RetrainRequested] })
export class CommandIssuedHandler {
  *decide({ seen, said }: FindingsState, { event: { kind, model, commandId, who, why } }: Read<CommandIssued>): Iterable<RetrainRequested> {
    const declared = seen.declared.get(model);
    const episode = episodeOf(model, null, `command ${commandId}`);
    if (kind !== 'RETRAIN' || !declared || said.episodes.has(episode)) return;
    const champion = championOf(seen, model);
    yield new RetrainRequested({
      model, episode, trigger: 'manual', evidence: [`${who} asks: ${why}`],
      since: beginningOfTime, newLabels: Math.max(labelsOf(seen, model).labelled, declared.definition.training.minimumLabels),
      championVersion: champion?.version ?? null, championBundle: champion?.bundle ?? null, definitionHash: declared.hash,
    });
  }
}
