import type { Check, SeenRecord } from '../check.ts';
import { hash32 } from '../slot-hash.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { Route, RouteArm } from '../world/route-table.ts';
import type { World } from '../world/world.ts';

/**
 * Each prediction was made by whom the route of its epoch names for its event, and that route held in its slot. At the end every slot has
 * adopted the newest route: one that passes over a rollback contradicts nothing else.
 */
export class RoutesCheck implements Check {
  readonly name = 'routes';
  readonly promise = 'each prediction is by the version, bundle and arm that the route in force names for its event; every slot comes to the newest route';
  readonly found: Violations;
  /** How long after the route that withdraws its version a prediction was appended at most, ms. */
  longestWithdrawalMs = 0;
  private readonly withdrawnWithinMs: number;

  constructor(bounds: Bounds, withdrawnWithinMs = Infinity) {
    this.found = new Violations(bounds);
    this.withdrawnWithinMs = withdrawnWithinMs;
  }

  record(record: SeenRecord, world: World): void {
    if (record.event?.stem === 'route-adopted') this.adopted(record, world);
    if (record.event?.stem !== 'prediction-made' || !this.found.judges(record.timestamp)) return;
    const { of: model } = record;
    const { epoch, rolloutId, eventId } = record.event.fields;
    const route = world.routes.route(model, epoch);
    this.standing(record, world);
    this.withdrawal(record, world);
    this.outcome(record);
    if (!route) return this.found.add(record, `was answered under epoch ${epoch}, which rollouts does not know for ${model}`);
    if (route.rolloutId !== rolloutId) this.found.add(record, `names the rollout ${rolloutId}; epoch ${epoch} belongs to ${route.rolloutId}`);
    const arm = armFor(eventId, route);
    if (!arm) return this.found.add(record, `was answered under epoch ${epoch}, whose arms answer nothing`);
    if (record.event.fields.outcome === 'FALLBACK') this.fallback(record, arm, world);
    else this.arm(record, arm, route);
  }

  private adopted(record: SeenRecord, world: World): void {
    if (!this.found.judges(record.timestamp)) return;
    const { model, slot, epoch, rolloutId } = record.event!.fields;
    const route = world.routes.route(model, epoch);
    if (!route) this.found.add(record, `slot ${slot} of ${model} adopts epoch ${epoch}, which rollouts does not know`);
    else if (route.rolloutId !== rolloutId) this.found.add(record, `names the rollout ${rolloutId}; epoch ${epoch} belongs to ${route.rolloutId}`);
  }

  end(world: World): void {
    if (!world.settled) return;
    for (const model of world.routes.models) {
      const { epoch, time } = world.routes.all(model).at(-1)!;
      for (const { partition: slot } of world.rangesOf(`feature-vectors.${model}`)) {
        const held = world.routes.epochAt(model, slot, Infinity);
        if (held < epoch) this.found.add({ topic: 'serving', partition: 0, offset: -1, timestamp: time }, `slot ${slot} of ${model} never adopted the newest route, epoch ${epoch}; ${held === 0 ? 'it adopted none' : `its last is epoch ${held}`}`);
      }
    }
  }

  /** The epoch must be the one that the slot had adopted when it read the vector. */
  private standing(record: SeenRecord, world: World): void {
    const { of: model, partition } = record;
    const { position, epoch } = record.event!.fields;
    const lane = world.laneOf(partition);
    if (!lane?.has(position)) return;
    const marks = lane.marksOf(model);
    if (marks.vectors(position - lane.range.low) === 0) return;
    const offset = marks.vectorOffset(position - lane.range.low);
    const held = world.routes.epochAt(model, partition, offset);
    if (epoch !== held) this.found.add(record, `was answered under epoch ${epoch}; for its vector at offset ${offset} slot ${partition} had adopted epoch ${held}`);
  }

  /** By append times: a slot may answer under its old route only until it has read the new one. */
  private withdrawal(record: SeenRecord, world: World): void {
    const { epoch, version } = record.event!.fields;
    const withdrawing = world.routes.withdrawal(record.of, version, epoch);
    if (!withdrawing) return;
    const after = record.timestamp - withdrawing.time;
    this.longestWithdrawalMs = Math.max(this.longestWithdrawalMs, after);
    if (after > this.withdrawnWithinMs) this.found.add(record, `is by version ${version}, ${after} ms after epoch ${withdrawing.epoch} withdrew it; ${this.withdrawnWithinMs} ms are allowed`);
  }

  private arm(record: SeenRecord, arm: RouteArm, route: Route): void {
    const { version, bundle, role, epoch } = record.event!.fields;
    const named = route.arms.find((each) => each.version === version);
    if (!named) return this.found.add(record, `is by version ${version}, which epoch ${epoch} does not name`);
    if (named.bundle !== bundle) return this.found.add(record, `is by the bundle ${bundle}; version ${version} of epoch ${epoch} is ${named.bundle}`);
    if (named.role !== role) return this.found.add(record, `has the role ${role}; version ${version} is ${named.role} in epoch ${epoch}`);
    if (!(named.weight > 0)) return this.found.add(record, `is by the ${role} ${version}, which gets no events in epoch ${epoch}`);
    if (named !== arm) this.found.add(record, `is by the ${role} ${version}; its event falls to the ${arm.role} ${arm.version} in epoch ${epoch}`);
  }

  private fallback(record: SeenRecord, arm: RouteArm, world: World): void {
    const { role, version, bundle, epoch } = record.event!.fields;
    const before = world.routes.all(record.of).filter((route) => route.epoch <= epoch);
    const isKnown = before.some(({ arms }) => arms.some((each) => each.version === version && each.bundle === bundle));
    if (role !== 'PREVIOUS' || version === arm.version || !isKnown) this.found.add(record, `is a fallback by the ${role} ${version}, which is no previous version`);
    else if (before.some(({ withdrawn }) => withdrawn.includes(version))) this.found.add(record, `is a fallback by version ${version}, which was withdrawn`);
  }

  private outcome(record: SeenRecord): void {
    const { outcome, score, failure } = record.event!.fields;
    if (outcome === 'FAILED' ? score !== null : score === null) this.found.add(record, `is ${outcome} ${score === null ? 'without' : 'with'} a score`);
    else if (outcome === 'FAILED' ? !failure : failure !== null) this.found.add(record, `is ${outcome} ${failure ? 'with' : 'without'} a failure`);
    else if (score !== null && !(score >= 0 && score <= 1)) this.found.add(record, `has the score ${score}, which is no probability`);
  }
}

/** The canary takes the events whose share, murmur3(event id, rollout id) in per cent of its range, lies below its weight; the champion the rest. */
function armFor(eventId: Buffer, { rolloutId, arms }: Route): RouteArm | undefined {
  const canary = arms.find(({ role, weight }) => role === 'CANARY' && weight > 0);
  const champion = arms.find(({ role, weight }) => role === 'CHAMPION' && weight > 0);
  if (!canary || !champion) return canary ?? champion;
  const share = (hash32(Buffer.concat([eventId, Buffer.from(rolloutId)])) / 2 ** 32) * 100;
  return share < canary.weight ? canary : champion;
}
