/**
 * Whose share something counts against: without authentication, the address it comes from. A host has a whole network of 64 bits of
 * IPv6 addresses (RFC 4291, section 2.5.4), so that network counts.
 *
 * @example clientAddress('2001:db8::7'); // '2001:db8:0:0'; of IPv4 and of IPv4 in IPv6 the address itself
 */
export function clientAddress(remoteAddress: string | undefined): string {
  const address = remoteAddress ?? '';
  if (!address.includes(':') || address.includes('.')) return address;
  const [before = '', after] = address.split('%')[0]!.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(before), groups(after ?? '')];
  const zeros = after === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array<string>(zeros).fill('0'), ...last].slice(0, 4).join(':');
}
