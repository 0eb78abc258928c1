/** More headers than this are compared in their order alone. */
const searched = 12;

/**
 * Whether kcat prints these headers as `printed` (`name=value,name=value`, raw bytes, in any order). Of several with one name the
 * last counts, so others may stand before it. A header without value is printed as NULL and kept as empty; of a value with a zero byte
 * kcat prints what stands before that.
 */
export function isPrinted(printed: Buffer, headers: Readonly<Record<string, Buffer>>): boolean {
  const entries = Object.entries(headers).map(([name, value]) => [name, value.includes(0) ? value.subarray(0, value.indexOf(0)) : value, value.length === 0] as const);
  if (printed.equals(Buffer.concat(entries.flatMap(([name, value], i) => [Buffer.from(`${i > 0 ? ',' : ''}${name}=`), value])))) return true;
  return entries.length <= searched && matches(printed, 0, entries);
}

/** Takes one header after the other from the front, whichever of those left fits. */
function matches(printed: Buffer, at: number, left: readonly (readonly [string, Buffer, boolean])[]): boolean {
  if (at >= printed.length) return left.length === 0;
  for (const entry of left) {
    const [name, value, isEmpty] = entry;
    for (const bytes of isEmpty ? [value, Buffer.from('NULL')] : [value]) {
      const whole = Buffer.concat([Buffer.from(`${name}=`), bytes]);
      if (!whole.equals(printed.subarray(at, at + whole.length))) continue;
      const next = at + whole.length;
      if (next === printed.length ? left.length === 1 : printed[next] === comma && matches(printed, next + 1, left.filter((each) => each !== entry))) return true;
    }
  }
  // An earlier value of a header that is still to come: some comma ends it.
  const earlier = left.find(([name]) => printed.subarray(at).indexOf(`${name}=`) === 0);
  if (!earlier) return false;
  for (let end = printed.indexOf(comma, at); end >= 0; end = printed.indexOf(comma, end + 1)) if (matches(printed, end + 1, left)) return true;
  return false;
}

const comma = 0x2c;
