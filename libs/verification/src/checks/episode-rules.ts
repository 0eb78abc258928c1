import type { OwnEvent } from '../avro/own-events.ts';
import type { Open } from './open-decision.ts';

/** Requests and trainings: one request per episode, one training per request, one end per training; each window is judged once. */
export class EpisodeRules {
  /** Bundles by training that ended well. */
  readonly trained = new Map<string, { model: string; bundle: string }>();
  private readonly requests = new Map<string, string>();
  private readonly started = new Map<string, OwnEvent['fields']>();
  private readonly ended = new Set<string>();
  private readonly judged = new Set<string>();

  *take({ stem, fields }: OwnEvent): Iterable<string> {
    if (stem === 'retrain-requested') yield* this.requested(fields);
    if (stem === 'training-started') yield* this.begun(fields);
    if (stem === 'model-trained' || stem === 'training-failed') yield* this.finished(stem, fields);
    if (stem === 'performance-reported') {
      const key = `${fields.model}/${fields.version}/${fields.windowStart}`;
      if (this.judged.has(key)) yield `judges the window from ${new Date(fields.windowStart).toISOString()} of ${fields.model} version ${fields.version} a second time`;
      this.judged.add(key);
    }
  }

  /** What is still open; nothing may be at the end of a history but trainings whose labels never came. */
  *open(labelled: (model: string, since: number) => number): Iterable<Open> {
    for (const episode of this.requests.keys()) if (!this.started.has(episode)) yield [`retrain-requested ${episode}`, `the training that the episode ${episode} asks for was never started`];
    for (const [training, { model, since, newLabels }] of this.started) {
      if (this.ended.has(training)) continue;
      const labels = labelled(model, since);
      if (labels >= newLabels) yield [`training-started ${training}`, `the training ${training} of ${model} was started and has no end, though ${labels} labels are known where it asks for ${newLabels}`];
    }
  }

  private *requested(request: OwnEvent['fields']): Iterable<string> {
    if (this.requests.has(request.episode)) yield `asks a second time for a training of the episode ${request.episode}`;
    else this.requests.set(request.episode, text(request));
  }

  private *begun({ training, request }: OwnEvent['fields']): Iterable<string> {
    if (this.started.has(training)) yield `starts the training ${training} a second time`;
    else if (training !== request.episode) yield `starts the training ${training} for the episode ${request.episode}`;
    else if (!this.requests.has(training)) yield `starts the training ${training}, which nobody asked for`;
    else if (this.requests.get(training) !== text(request)) yield `starts the training ${training} by another request than was made`;
    this.started.set(training, request);
  }

  private *finished(stem: string, { training, model, bundle }: OwnEvent['fields']): Iterable<string> {
    const of = this.started.get(training)?.model as string | undefined;
    if (this.ended.has(training)) yield `ends the training ${training} a second time`;
    else if (of === undefined) yield `ends the training ${training}, which was never started`;
    else if (of !== model) yield `ends the training ${training} of ${of} with a model of ${model}`;
    this.ended.add(training);
    if (stem === 'model-trained' && !this.trained.has(training)) this.trained.set(training, { model, bundle });
  }
}

const text = (value: unknown): string => JSON.stringify(value);
