import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MillraceError } from '@millrace/contracts';

export const KAFKAJS_VERSION = '2.2.4';

/** Every module of kafkajs that is replaced, or whose inside is relied upon, with the SHA-256 of the file that was read for it. */
export const KAFKAJS_MODULES = {
  'src/protocol/requests/produce/v3/request.js': '993a3db997827088f5acb08cacf3c67a99ec2886303ff465d244329b8a1c7f99',
  'src/protocol/request.js': '2270900ca6474026c11957fe71ac586881985460ed2554db22ad8870dcaff634',
  'src/producer/groupMessagesPerPartition.js': 'ea72357721fbf67770b5e06b9bf4260faa1e60f3affb556bff2cc7892c1881fb',
  'src/consumer/filterAbortedMessages.js': '54ce50f2a41ee1686da8b73bf8b502c7dd07c9d7cb0a494cdb36a7fc536ced8e',
  'src/consumer/consumerGroup.js': 'f3e461738585a8dc6574c647123a18afc732f81cdee4f9f7bb62e4aa1dffbfbb',
  'src/consumer/fetchManager.js': '9a07c96b6150d654ab47c3fe7f98a6ae9c3fc3fdf340ad8001d69dc25e3131d0',
  'src/consumer/fetcher.js': 'a9418ebe7cffdbac79408ebf176450e508420bb2cdb2ae51d79bf4ee1a244c16',
  'src/consumer/runner.js': 'fad3247df2e3ba483b94e014e5c5916fd72d7bdfc3b3dfccc5232b60da18306d',
  'src/producer/eosManager/index.js': 'a74ae029d7aa786b8616b77f922d30a81bec2833878769dbfa6b4a9dab66db22',
  'src/network/requestQueue/index.js': 'b55986089c14f8f7bfc377922e2e65b3e4c1e7c7af2752d3b10a75dfe9e9260c',
  'src/protocol/message/compression/index.js': '666ec6400225fe90e42f6a59d7bbda2028f4150699dda04524689ccf1f0cb2c1',
  'src/index.js': '38d0022e448f0aaa72ad2ed16fac346a3dd3a2d28b64ca5395cb33a26c8a82e9',
  'src/producer/index.js': '37a6da431139e4af020c4f381af10855ab34e3660bbf4937abda1b27f9379775',
  'src/producer/sendMessages.js': '8a120e6993955e040a13014cccebd79b8d41e7355d6eda1065fa83fea2fbbcdb',
  'src/cluster/index.js': '3831a6845e4e9fb0de73d5ff50a3695974fb8a927acde677c524fe1c362bd57d',
  'src/cluster/brokerPool.js': '9994863e891ac2ab243f27f941ef87893889f53d64aa580353fafbb8d11614c6',
  'src/broker/index.js': '9cbea8898528c439c213080f99d86974460114f81b5034c49aeb593a0337ca90',
  'src/network/connection.js': '2a993b2e74421ca6d846efd59e4ba74b11100dbe7d40d0f52ea3218e917aafdd',
  'src/network/connectionPool.js': 'ecba4ba6fc4f2a6e5f336b838b573dcca3f01fb39542530841d68691fe4957de',
  'src/network/requestQueue/socketRequest.js': 'dde28f8e26c6d17fe3383c60b2bfce27f4790ee4552ca7e73e78fdce30c6bf1d',
  'src/cluster/connectionPoolBuilder.js': '05a6be8bbf9e2bb9de56e7fc66e1f752799271ebe595575d57f244d8de198233',
  'src/errors.js': 'bb3e50177a7b73f4cd35b3318d50a2fc50d9e631488c6ae89669b31aee25c926',
} as const satisfies Record<string, string>;

/** The module loader that kafkajs itself is loaded by; its cache is where modules are replaced. */
export const requireKafkajs = createRequire(import.meta.url);

/**
 * Refuses any kafkajs but the one that the replacements were written against.
 *
 * @throws MillraceError `KAFKAJS_CHANGED`
 */
export function assertKafkajsUnchanged(expected: { version: string; modules: Record<string, string> } = { version: KAFKAJS_VERSION, modules: KAFKAJS_MODULES }): void {
  const { version } = requireKafkajs('kafkajs/package.json') as { version: string };
  const changed = Object.entries(expected.modules)
    .filter(([path, digest]) => createHash('sha256').update(readFileSync(requireKafkajs.resolve(`kafkajs/${path}`))).digest('hex') !== digest)
    .map(([path]) => path);
  if (version === expected.version && changed.length === 0) return;
  throw new MillraceError('KAFKAJS_CHANGED', `kafkajs is ${version} with ${changed.length} changed modules (${changed.join(', ') || 'none'}), expected ${expected.version} unchanged`, {
    hint: `Install kafkajs ${expected.version} exactly, or review every replacement in this folder against the new version and update its hashes.`,
  });
}
