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
  artifacts: textOption({ variable: 'ARTIFACTS_URL', about: 'Folder of archive, bundles and snapshots, shared by all services.' }),
  instance: textOption({ variable: 'MILLRACE_INSTANCE', about: 'Name of this process in events and traces. Default: host and process id.', fallback: `${hostname()}-${process.pid}` }),
  sharing: choiceOption({ variable: 'MILLRACE_SHARING', about: 'How instances of a service share lanes: static = this one has all (one instance per service), group = by membership of a consumer group.', fallback: 'static' }, ['static', 'group']),
  batchSize: wholeOption({ variable: 'MILLRACE_BATCH', about: 'Records per transaction at most. More = more throughput, longer transactions.', fallback: '2000', min: 1, max: 20_000 }),
  sealMs: wholeOption({ variable: 'MILLRACE_SEAL_MS', about: 'Age in milliseconds at which a segment of the archive is sealed. Less = trainings see data sooner, more files.', fallback: '60000', min: 100, max: 3_600_000 }),
};
