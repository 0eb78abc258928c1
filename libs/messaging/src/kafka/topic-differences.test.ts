import { describe, expect, it } from '@jest/globals';
import { acknowledgedByOne, refuseDifferences } from './topic-differences.ts';

const judge = (wanted: Record<string, string>, found: Record<string, string>) => () => refuseDifferences([{ name: 't', configs: wanted }], new Map([['t', found]]), ['a:1', 'b:2']);

describe('settings of a topic that exists', () => {
  it.each([
    ['cleanup.policy', 'delete', 'compact'],
    ['cleanup.policy', 'delete', 'compact,delete'],
    ['cleanup.policy', 'compact', 'delete'],
    ['message.timestamp.type', 'LogAppendTime', 'CreateTime'],
    ['retention.ms', '-1', '604800000'],
    ['retention.ms', '604800000', '604799999'],
    ['retention.bytes', '-1', '1000000000'],
    ['max.message.bytes', '1048588', '1000'],
  ])('are refused when %s should be %s and is %s', (setting, wanted, found) => {
    expect(judge({ [setting]: wanted }, { [setting]: found })).toThrow(`t: ${setting} is ${found} instead of ${wanted}`);
  });

  it.each([
    ['retention.ms', '604800000', '604800000'],
    ['retention.ms', '604800000', '1000000000'],
    ['retention.ms', '604800000', '-1'],
    ['retention.ms', '-1', '-1'],
    ['max.message.bytes', '1000', '1048588'],
    ['compression.type', 'producer', 'zstd'],
  ])('are good when %s should be %s and is %s', (setting, wanted, found) => {
    expect(judge({ [setting]: wanted }, { [setting]: found })).not.toThrow();
  });

  it('are not asked for where nothing is wanted, nor judged where the broker does not tell them', () => {
    expect(judge({ 'cleanup.policy': 'compact' }, { 'cleanup.policy': 'compact', 'retention.ms': '1', 'retention.bytes': '1' })).not.toThrow();
    expect(judge({ 'retention.ms': '-1' }, {})).not.toThrow();
  });

  it('are named with the command that sets exactly what differs', () => {
    expect(judge({ 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }, { 'cleanup.policy': 'delete', 'retention.ms': '5', 'retention.bytes': '6' })).toThrow(
      expect.objectContaining({ code: 'TOPIC_DIFFERS', retriable: false, hint: expect.stringContaining('kafka-configs.sh --bootstrap-server a:1,b:2 --alter --entity-type topics --entity-name t --add-config retention.ms=-1,retention.bytes=-1') }),
    );
  });
});

describe('acknowledgedByOne', () => {
  it('is said of three replicas of which one is enough', () => {
    expect(acknowledgedByOne(3, { 'min.insync.replicas': '1' })).toBe(true);
    expect(acknowledgedByOne(3, { 'min.insync.replicas': '2' })).toBe(false);
    expect(acknowledgedByOne(1, { 'min.insync.replicas': '1' })).toBe(false);
    expect(acknowledgedByOne(3, undefined)).toBe(false);
  });
});
