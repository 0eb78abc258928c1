import type { AssignerProtocol, PartitionAssigner } from 'kafkajs';
import { assignLanes } from './rendezvous.ts';

/**
 * Assigner of a membership: lane n is partition n of every topic, and goes to one member. Members tell their instance names in
 * their metadata; two that use the same name (a restart before the old session ends) are told apart by their member ids.
 */
export function laneAssigner(protocol: typeof AssignerProtocol, instance: string, lanes: number): PartitionAssigner {
  const name = 'millrace-lanes';
  const version = 1;
  return () => ({
    name,
    version,
    protocol: ({ topics }) => ({ name, metadata: protocol.MemberMetadata.encode({ version, topics, userData: Buffer.from(instance) }) }),
    assign: async ({ members, topics }) => {
      const byName = new Map<string, string>();
      for (const { memberId, memberMetadata } of members) {
        const said = protocol.MemberMetadata.decode(memberMetadata)?.userData.toString() ?? '';
        byName.set(byName.has(said) ? `${said}\0${memberId}` : said, memberId);
      }
      return [...assignLanes([...byName.keys()], lanes)].map(([member, own]) => ({
        memberId: byName.get(member)!,
        memberAssignment: protocol.MemberAssignment.encode({ version, assignment: Object.fromEntries(topics.map((topic) => [topic, own])), userData: Buffer.alloc(0) }),
      }));
    },
  });
}
