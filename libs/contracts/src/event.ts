/** Base of all generated event classes; the stem makes two events of equal fields different types. */
export abstract class Event<S extends string = string> {
  declare readonly _stem: S;
}

/** What the generated classes have beside their fields. */
export interface EventClass<E extends Event = Event> {
  new (fields: never): E;
  /** Name of the event in files, spans and the header `ce_type`. */
  readonly stem: string;
  /** Fixed id in the Confluent frame. */
  readonly schemaId: number;
  /** Avro schema; undefined for records that come from outside with their own. */
  readonly schema: object | undefined;
}

/** Instance type of an event class. */
export type EventOf<C> = C extends abstract new (...fields: never) => infer E ? (E extends Event ? E : never) : never;
