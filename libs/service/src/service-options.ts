import { hostname } from 'node:os';
import { choiceOption, listOption, textOption, wholeOption } from './option.ts';

/** Options of every service. */
export const serviceOptions = {
  brokers: listOption({ variable: 'KAFKA_BROKERS', about: 'Addresses of Kafka brokers, host:port, separated by commas.' }),
  workspace: textOption({ variable: 'MILLRACE_WORKSPACE', about: 'Prefix of topics, groups and writer ids; isolates one deployment from another on the same cluster. Empty = none.', fallback: '' }),
  lanes: wholeOption({ variable: 'MILLRACE_LANES', about: 'Lanes of the workspace; fixed when it is created, other values are refused.', fallback: '1', min: 1, max: 1024 }),
  slots: wholeOption({ variable: 'MILLRACE_SLOTS', about: 'Slots per lane: how many instances of inference and monitor can share a model. Fixed when the workspace is created.', fallback: '2', min: 1, max: 1024 }),
  host: textOption({ variable: 'MILLRACE_HOST', about: 'Address that HTTP doors listen on.', fallback: '127.0.0.1' }),
  port: wholeOption({ variable: 'PORT', about: 'Port of the HTTP doors; 0 = a free one, printed at the start.', fallback: '0', min: 0, max: 65535 }),
  httpRequests: wholeOption({ variable: 'MILLRACE_HTTP_REQUESTS', about: 'HTTP requests that are worked on at once; further ones are answered 503 with Retry-After before their bodies are read. More = more throughput, longer waits under load.', fallback: '64', min: 1, max: 100_000 }),
  httpMegabytes: wholeOption({ variable: 'MILLRACE_HTTP_MEGABYTES', about: 'Bodies of HTTP requests in memory or on their way at once, megabytes; further ones are answered 503 with Retry-After, or 429 to a client that has its share.', fallback: '16', min: 4, max: 4096 }),
  httpConnections: wholeOption({ variable: 'MILLRACE_HTTP_CONNECTIONS', about: 'Open HTTP connections at most, of one client nine tenths of them; unused ones are closed from four fifths of it on, further ones are refused. As many may wait to be taken, where net.core.somaxconn allows it.', fallback: '2000', min: 10, max: 100_000 }),
  httpTimeoutMs: wholeOption({ variable: 'MILLRACE_HTTP_TIMEOUT_MS', about: 'Milliseconds from the first byte of an HTTP request to its last; a slower one is answered 408 and its connection ended.', fallback: '10000', min: 100, max: 3_600_000 }),
  artifacts: textOption({ variable: 'ARTIFACTS_URL', about: 'Folder of archive, bundles and snapshots, shared by all services.' }),
  instance: textOption({ variable: 'MILLRACE_INSTANCE', about: 'Name of this process in events and traces. Default: host and process id.', fallback: `${hostname()}-${process.pid}` }),
  sharing: choiceOption({ variable: 'MILLRACE_SHARING', about: 'How instances of a service share lanes: static = this one has all (one instance per service), group = by membership of a consumer group.', fallback: 'static' }, ['static', 'group']),
  batchSize: wholeOption({ variable: 'MILLRACE_BATCH', about: 'Records per transaction at most. More = more throughput, longer transactions.', fallback: '2000', min: 1, max: 20_000 }),
  sealMs: wholeOption({ variable: 'MILLRACE_SEAL_MS', about: 'Age in milliseconds at which a segment of the archive is sealed. Less = trainings see data sooner, more files.', fallback: '60000', min: 100, max: 3_600_000 }),
};
