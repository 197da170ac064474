/**
 * A set that mostly has one member, which then stands for itself: a stream keeps tens of thousands.
 * Undefined is the empty set. Members are objects.
 */
export type SmallSet<Member extends object> = Member | Set<Member> | undefined;

/** The set with this member. */
export function withMember<Member extends object>(
  set: SmallSet<Member>,
  member: Member,
): SmallSet<Member> {
  if (set === undefined || set === member) return member;
  if (set instanceof Set) return set.add(member);
  return new Set([set, member]);
}

/** The set without this member. */
export function withoutMember<Member extends object>(
  set: SmallSet<Member>,
  member: Member,
): SmallSet<Member> {
  if (set === member) return undefined;
  if (!(set instanceof Set)) return set;
  set.delete(member);
  if (set.size > 1) return set;
  const [last] = set;
  return last;
}

/** The members, in the order they came. The set must not be changed meanwhile. */
export function membersOf<Member extends object>(set: SmallSet<Member>): Iterable<Member> {
  if (set === undefined) return [];
  return set instanceof Set ? set : [set];
}
