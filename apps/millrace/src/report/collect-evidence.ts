import { DefinitionApplied, MillraceError, ModelVersionRegistered } from '@millrace/contracts';
import type { DefinitionSet } from '@millrace/definitions';
import type { KafkaCluster, Workspace } from '@millrace/messaging';
import { collectHistory } from './collect-history.ts';
import { ControlHistory } from './control-history.ts';
import type { Evidence, StoryOptions } from './evidence.ts';
import { exactFeatures } from './exact-features.ts';
import { GoldenComparison, type GoldenRow } from './golden-comparison.ts';
import { judgeQualityApart } from './judge-quality-apart.ts';
import { PostedIds } from './posted-ids.ts';
import { judgedFrom, judgedTo } from './story-days.ts';

export interface EvidenceQuery {
  readonly cluster: KafkaCluster;
  readonly workspace: Workspace;
  readonly artifacts: string;
  readonly model: string;
  readonly story: StoryOptions;
  readonly golden: readonly GoldenRow[];
}

/**
 * Reads all that a report judges by: the topics as any reader sees them, and the archive.
 * @throws MillraceError NOT_FOUND when the model was never declared
 */
export async function collectEvidence({ cluster, workspace, artifacts, model: name, story, golden: rows }: EvidenceQuery): Promise<Evidence> {
  const control = await ControlHistory.read(cluster, workspace);
  const applied = control.all(DefinitionApplied).at(-1)?.event;
  const set = applied && (JSON.parse(applied.definitions) as DefinitionSet);
  const model = set?.models.find((each) => each.name === name);
  if (!applied || !set || !model) throw new MillraceError('NOT_FOUND', `no model is called ${name}`, { hint: 'apply its definitions first' });
  const golden = new GoldenComparison(rows, model.features.map((feature) => feature.name), exactFeatures(model, set));
  const collected = await collectHistory({ cluster, workspace, model, golden, ids: new PostedIds(applied, name), firstRouted: control.firstRouted(name) });
  const bundles = new Map(control.all(ModelVersionRegistered, name).map(({ event }) => [event.version, event.bundle]));
  const judged = story.from < judgedTo && story.to >= judgedFrom && bundles.size > 0;
  const quality = judged
    ? await judgeQualityApart({
        artifacts,
        vectorsTopic: workspace.topic('feature-vectors.<model>', { model: name }),
        labelsTopic: workspace.topic('labels.<model>', { model: name }),
        featureSet: model.featureSet,
        fromMs: judgedFrom,
        toMs: judgedTo,
        bundles,
      })
    : new Map();
  return { model: name, control, golden, quality, ...collected };
}
