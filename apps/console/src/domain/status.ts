import type { Board, RejectedView } from './board.ts';
import { declaredNames, type DefinitionsState } from './definitions.ts';
import { modelStatus, type ModelStatus } from './model-status.ts';

/** State of everything. */
export interface PlatformStatus {
  /** Null before the first definitions were applied. */
  readonly workspace: { readonly lanes: number; readonly slots: number } | null;
  readonly definitionsHash: string | null;
  readonly models: readonly ModelStatus[];
  readonly rejected: { readonly total: number; readonly byCode: Readonly<Record<string, number>>; readonly newest: readonly RejectedView[] };
}

export function platformStatus({ workspace, applied }: DefinitionsState, board: Board): PlatformStatus {
  const slots = workspace ? workspace.lanes * workspace.slots : 0;
  const names = new Set([...declaredNames(applied).models, ...board.names()]);
  return {
    workspace: workspace ? { lanes: workspace.lanes, slots: workspace.slots } : null,
    definitionsHash: applied?.hash ?? null,
    models: [...names].sort().map((name) => modelStatus(name, board.model(name), slots)),
    rejected: { total: [...board.rejected.values()].reduce((sum, count) => sum + count, 0), byCode: Object.fromEntries(board.rejected), newest: board.newestRejected },
  };
}
