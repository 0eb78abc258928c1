import { Injectable } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { TopicAdmin } from '@millrace/messaging';
import { Shared } from '@millrace/service';
import { setTimeout as delay } from 'node:timers/promises';
import type { ModelBoard } from '../domain/board.ts';
import { Commands, type CommandsState } from '../domain/commands.ts';
import { Definitions, declaredNames, type DefinitionsState } from '../domain/definitions.ts';
import { StatusBoard } from '../domain/status-board.ts';

const longestMs = 5000;

/** State of this service as its doors see it. */
@Injectable()
export class ReadState {
  constructor(
    private readonly shared: Shared,
    readonly store: StatusBoard,
  ) {}

  /** @throws MillraceError NOT_READY, retriable, at the start */
  definitions(): DefinitionsState {
    return this.committed<DefinitionsState>(Definitions.name);
  }

  commands(): CommandsState {
    return this.committed<CommandsState>(Commands.name);
  }

  /** @throws MillraceError NOT_FOUND when the model is not declared */
  model(name: string): ModelBoard {
    const { models } = declaredNames(this.definitions().applied);
    if (!models.includes(name)) throw new MillraceError('NOT_FOUND', `no model is called ${name}`, { hint: models.length > 0 ? `declared: ${models.join(', ')}` : 'apply definitions first' });
    return this.store.board.model(name);
  }

  /** Slots of all lanes; 0 before the workspace exists. */
  slots(): number {
    const { workspace } = this.definitions();
    return workspace ? workspace.lanes * workspace.slots : 0;
  }

  /**
   * Waits until the board has read a control topic up to its present end.
   * @throws MillraceError NOT_READY, retriable, when that takes longer than 5 s
   */
  async caughtUp(topic: string): Promise<void> {
    const { cluster, workspace } = this.shared;
    const admin = new TopicAdmin(cluster);
    const { stable } = await admin.offsets(workspace.topic(topic), 0).finally(() => admin.close());
    for (const end = performance.now() + longestMs; this.store.reached(topic, 0) < stable; await delay(20))
      if (performance.now() > end) throw new MillraceError('NOT_READY', `${topic} is still being read`, { retriable: true });
  }

  private committed<T>(decider: string): T {
    const state = this.shared.strategy?.runtime.current(decider);
    if (state === undefined) throw new MillraceError('NOT_READY', `${decider} are still being read`, { retriable: true });
    return state as T;
  }
}
