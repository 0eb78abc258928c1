import { murmur3 } from '@millrace/contracts';

/**
 * Bounded rendezvous hashing: every lane prefers members by a hash of both names (Thaler and Ravishankar, 1996), and no member
 * takes more than ceil(lanes / members) (Mirrokni et al., "Consistent Hashing with Bounded Loads", 2016). Pairs are settled by
 * falling score, so the answer depends on the names alone and a member that leaves moves few lanes of the others.
 *
 * @param members distinct names
 * @returns lanes by member, rising
 * @example assignLanes(['a', 'b'], 4) // two lanes each
 */
export function assignLanes(members: readonly string[], lanes: number): Map<string, number[]> {
  const assigned = new Map<string, number[]>([...members].sort().map((member) => [member, []]));
  if (members.length === 0) return assigned;
  const capacity = Math.ceil(lanes / assigned.size);
  const pairs = [...assigned.keys()].flatMap((member) => Array.from({ length: lanes }, (_, lane) => ({ member, lane, score: murmur3(Buffer.from(`${member}\0${lane}`)) })));
  pairs.sort((a, b) => b.score - a.score || a.lane - b.lane || (a.member < b.member ? -1 : 1));
  const taken = new Set<number>();
  for (const { member, lane } of pairs) {
    const own = assigned.get(member)!;
    if (taken.has(lane) || own.length >= capacity) continue;
    taken.add(lane);
    own.push(lane);
  }
  for (const own of assigned.values()) own.sort((a, b) => a - b);
  return assigned;
}
