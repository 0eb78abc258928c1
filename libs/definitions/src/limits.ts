/** What a set of definitions may ask for, so that no set takes a service down: each event is worked on in bounded time and memory. */
export const limits = {
  /** Bytes of the canonical JSON. */
  jsonBytes: 2 ** 20,
  /** Lists and objects inside each other. */
  jsonDepth: 16,
  /** Values, names and brackets of the JSON. */
  jsonTokens: 100_000,
  /** Characters of a text that an expression reads or yields; beyond, it has no value. */
  textLength: 1024,
  /** Expressions of one stream, each evaluated at most once per event. */
  expressionsPerStream: 500,
  /** Steps of all expressions of one stream: see CompiledCel.cost. */
  stepsPerStream: 20_000,
  /** Steps of all expressions of a set: what it takes to compile it. */
  stepsPerSet: 40_000,
  /** Windows hold at most so many tiles (length / resolution): 90 days of minutes. */
  tilesPerWindow: 129_600,
  /** A count of different texts looks at every tile of its window. */
  tilesPerDistinctWindow: 11_520,
  /** Longest duration, ms: ten years. */
  durationMs: 3_652 * 86_400_000,
  /** Columns of a model after encoding; training solves a system of this size. */
  encodedColumns: 4000,
  streams: 200,
  features: 2000,
  models: 100,
} as const;
