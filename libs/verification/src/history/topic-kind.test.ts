import { describe, expect, it } from '@jest/globals';
import { topology } from '@millrace/contracts';
import { cutOrder, topicKinds, topicOf } from './topic-kind.ts';

describe('topics of a workspace', () => {
  it('are read, all that the platform writes', () => {
    const kinds = topology.map(({ name }) => topicOf(name.replace(/<\w+>/, 'x'))?.kind);
    expect(kinds).not.toContain(undefined);
    expect(new Set(kinds)).toEqual(new Set(topicKinds));
    expect(cutOrder.flat().sort()).toEqual([...topicKinds].sort());
  });
});
