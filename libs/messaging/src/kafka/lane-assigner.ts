import type { AssignerProtocol, PartitionAssigner } from 'kafkajs';
import { assignLanes } from './rendezvous.ts';

/**
 * Assigner of a membership: lane n is partition n of every topic, and goes to one member. Members tell their instance names in
 * their metadata; two that use the same name (a restart before the old session ends) are told apart by their member ids. Each is
 * answered in the topics that it named: in a deployment, or while a definition is applied, they need not name the same.
 */
export function laneAssigner(protocol: typeof AssignerProtocol, instance: string, lanes: number): PartitionAssigner {
  const name = 'millrace-lanes';
  const version = 1;
  return () => ({
    name,
    version,
    protocol: ({ topics }) => ({ name, metadata: protocol.MemberMetadata.encode({ version, topics, userData: Buffer.from(instance) }) }),
    assign: async ({ members, topics }) => {
      const byName = new Map<string, { memberId: string; named: readonly string[] }>();
      for (const { memberId, memberMetadata } of members) {
        const said = protocol.MemberMetadata.decode(memberMetadata);
        const member = said?.userData.toString() ?? '';
        byName.set(byName.has(member) ? `${member}\0${memberId}` : member, { memberId, named: said?.topics ?? topics });
      }
      return [...assignLanes([...byName.keys()], lanes)].map(([member, own]) => {
        const { memberId, named } = byName.get(member)!;
        return { memberId, memberAssignment: protocol.MemberAssignment.encode({ version, assignment: Object.fromEntries(named.map((topic) => [topic, own])), userData: Buffer.alloc(0) }) };
      });
    },
  });
}
