import { MillraceError } from '@millrace/contracts';
import { withoutAborted } from './abort-filter.ts';
import { boundedGzip, COMPRESSION, inflate } from './bounded-inflate.ts';
import { endFetchers } from './ending-fetchers.ts';
import { groupByPartition } from './group-by-partition.ts';
import { assertKafkajsUnchanged, requireKafkajs, type KAFKAJS_MODULES } from './kafkajs-modules.ts';
import { followCoordinator } from './moved-coordinator.ts';
import { skipIdleChecks } from './quiet-request-queue.ts';
import { frameRequest } from './request-frame.ts';
import { giveUpSilentConnections } from './silent-connections.ts';
import { encodeProduceBody, type ProduceRequest } from './slab-produce-body.ts';
import { beatOverClockSteps } from './steady-heartbeat.ts';
import { recordingManagers } from './transaction-managers.ts';
import { joinWhole } from './whole-join.ts';

type ModulePath = keyof typeof KAFKAJS_MODULES;
type Kafkajs = typeof import('kafkajs');
type StockProduce = (request: ProduceRequest & { compression?: number }) => { encode(): Promise<{ buffer: Buffer }>; apiKey: number };

let patched: Kafkajs | undefined;

/**
 * Loads kafkajs with its defective and slow modules replaced: record encoder, request frame, grouping, abort filter, gzip.
 * Modules bind each other when they are loaded, so this must run before anything else loads kafkajs.
 *
 * @returns the patched kafkajs, the same one on every call
 * @throws MillraceError `KAFKAJS_CHANGED` or `KAFKAJS_LOADED_EARLIER`
 */
export function installPatches(): Kafkajs {
  if (patched) return patched;
  assertKafkajsUnchanged();
  if (requireKafkajs.cache[requireKafkajs.resolve('kafkajs/src/index.js')]) {
    throw new MillraceError('KAFKAJS_LOADED_EARLIER', 'kafkajs was loaded before its modules were replaced', {
      hint: 'Import kafkajs nowhere else in this process; types are free.',
    });
  }
  replace('src/protocol/requests/produce/v3/request.js', slabProduce);
  replace('src/protocol/request.js', () => frameRequest);
  replace('src/producer/groupMessagesPerPartition.js', () => groupByPartition);
  replace('src/consumer/filterAbortedMessages.js', () => withoutAborted);
  replace<Parameters<typeof recordingManagers>[0]>('src/producer/eosManager/index.js', recordingManagers);
  skipIdleChecks(stock('src/network/requestQueue/index.js'));
  type Silent = Parameters<typeof giveUpSilentConnections>;
  giveUpSilentConnections(stock<Silent[0]>('src/network/requestQueue/index.js'), stock<Silent[1]>('src/network/connection.js'), stock<{ KafkaJSConnectionError: Silent[2] }>('src/errors.js').KafkaJSConnectionError);
  patched = requireKafkajs('kafkajs') as Kafkajs;
  // A module in a circle of modules: only the whole can load it.
  const group = stock<Parameters<typeof beatOverClockSteps>[0] & Parameters<typeof followCoordinator>[0] & Parameters<typeof joinWhole>[0]>('src/consumer/consumerGroup.js');
  beatOverClockSteps(group);
  followCoordinator(group);
  joinWhole(group, stock<Parameters<typeof joinWhole>[1]>('src/errors.js'));
  endFetchers(stock('src/consumer/runner.js'));
  patched.CompressionCodecs[COMPRESSION.gzip] = boundedGzip;
  patched.CompressionCodecs[COMPRESSION.zstd] = () => ({ decompress: (bytes: Buffer) => inflate(COMPRESSION.zstd, bytes) });
  return patched;
}

function slabProduce(original: StockProduce): StockProduce {
  return (request) => {
    const encoded = original(request);
    return request.compression ? encoded : { ...encoded, encode: async () => ({ buffer: encodeProduceBody(request, Date.now()) }) };
  };
}

function replace<Original>(path: ModulePath, replacement: (original: Original) => unknown): void {
  const original = stock<Original>(path);
  requireKafkajs.cache[requireKafkajs.resolve(`kafkajs/${path}`)]!.exports = replacement(original);
}

function stock<Module>(path: ModulePath): Module {
  return requireKafkajs(`kafkajs/${path}`) as Module;
}
