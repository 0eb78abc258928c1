import { CommandIssued, MillraceError, PerformanceReported, RetrainRequested, type Event } from '@millrace/contracts';
import { defineDecider, type Decider } from '../../handlers/decider.ts';
import { LocalEvent } from '../../handlers/local-event.ts';
import type { Read } from '../../handlers/read.ts';
import type { DecisionHandler } from '../decider-spec.ts';
import type { DeciderGroup } from '../service-runtime.ts';

/** A question at a door: `valid` is published; the others are refused, each for another reason. */
export class Question extends LocalEvent<'question'> {
  static readonly stem = 'question';
  readonly id: string;
  readonly kind: 'valid' | 'refused' | 'half-invalid' | 'too-large' | 'faulty';

  constructor(id: string, kind: Question['kind'] = 'valid') {
    super();
    this.id = id;
    this.kind = kind;
  }
}

export interface FindingsState {
  /** Own events in their order. */
  readonly said: readonly string[];
  /** Commands that were heard. */
  readonly heard: number;
}

export const report = (model: string): PerformanceReported =>
  new PerformanceReported({ model, version: 1, role: 'CHAMPION', windowStart: 0, windowEnd: 0, predictions: 0, labelled: 0, auc: 0, logLoss: 0, accuracy: 0, meanPrediction: 0, rate: 0, violations: [] });
export const request = (episode: string): RetrainRequested =>
  new RetrainRequested({ model: 'm', episode, trigger: '', evidence: [], since: 0, newLabels: 0, championVersion: null, championBundle: null, definitionHash: '' });
export const command = (commandId: string): CommandIssued => new CommandIssued({ commandId, kind: 'RETRAIN', model: 'm', version: null, who: 'test', why: '', issuedAt: 0 });

const nameOf = (event: Event): string => (event instanceof PerformanceReported ? `reported ${event.model}` : `requested ${(event as RetrainRequested).episode}`);

/** Owns two topics: their order is told by the sequence that the writer counts. */
export const Findings = defineDecider({
  name: 'test-findings',
  events: [PerformanceReported, RetrainRequested],
  initial: { said: [], heard: 0 } as FindingsState,
  evolve: (state, event) => ({ ...state, said: [...state.said, nameOf(event)] }),
});

const decisions: DecisionHandler = {
  event: CommandIssued,
  publishes: [PerformanceReported, RetrainRequested],
  observe: (state) => ({ ...(state as FindingsState), heard: (state as FindingsState).heard + 1 }),
  *decide(state, { event }) {
    const { commandId } = event as CommandIssued;
    if (commandId.startsWith('silent') || (state as FindingsState).said.includes(`requested ${commandId}`)) return;
    yield report(commandId);
    yield request(commandId);
  },
};

const door: DecisionHandler = {
  event: Question,
  publishes: [RetrainRequested],
  *decide(state, { event }: Read) {
    const { id, kind } = event as Question;
    if ((state as FindingsState).said.includes(`requested ${id}`)) return;
    if (kind === 'refused') throw new MillraceError('REFUSED', `${id} is not allowed`);
    if (kind === 'faulty') throw new TypeError('a fault of the rule');
    yield request(id);
    if (kind === 'half-invalid') yield new RetrainRequested({ ...request(`${id} twice`), newLabels: 'many' } as never);
    if (kind === 'too-large') yield new RetrainRequested({ ...request(`${id} twice`), evidence: ['x'.repeat(1_000_000)] });
  },
};

export const findings = (decider: Decider<FindingsState, never> = Findings, ...more: DecisionHandler[]): DeciderGroup => ({ decider: decider as unknown as Decider<unknown>, handlers: [decisions, door, ...more] });
