import type { Random } from '../random.ts';

/** An order as the definitions of the fault runs declare it. */
export function plainOrder(random: Random): Record<string, unknown> {
  return { order: random.whole(1, 1_000_000_000), customer: `c${random.whole(1, 50)}`, placedAt: Date.UTC(2026, 0, 1) + random.whole(0, 86_400_000), amount: random.whole(0, 1000), items: random.whole(1, 9) };
}

/** A body that is hardly what a handler expects: too deep, too long, names of the prototype, odd numbers and texts, bytes that are no text. */
export function hostileJson(random: Random): Buffer {
  const order = plainOrder(random);
  const text = JSON.stringify(order);
  switch (random.whole(0, 15)) {
    case 0: {
      const depth = random.pick([19, 20, 21, 1000, 500_000]);
      return Buffer.from(`{"order":${'['.repeat(depth)}${']'.repeat(depth)}}`);
    }
    case 1: {
      const depth = random.pick([10, 40, 170_000]);
      return Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
    }
    case 2:
      return Buffer.from(text.replace('{', `{"__proto__":{"amount":1},`));
    case 3:
      return Buffer.from(text.replace('{', random.pick(['{"constructor":{"prototype":{"x":1}},', '{"constructor":1,', '{"\\u005f_proto__":{"x":1},', '{"toString":1,"valueOf":2,"hasOwnProperty":3,'])));
    case 4:
      return Buffer.from(text.replace(/"order":\d+/, `"order":${random.pick(['1e400', '-1e400', '9007199254740993', '1'.repeat(5000), '-0', '1e-400', '0.1', '9223372036854775808', 'true', 'null', '"1"', '{}', '[]'])}`));
    case 5:
      return Buffer.from(text.replace(/"placedAt":\d+/, `"placedAt":${random.pick(['8640000000000001', '-1e15', '1e18', '253402300800000', '-9007199254740991'])}`));
    case 6:
      return Buffer.from(JSON.stringify({ ...order, customer: random.pick(['', '\0', '\ud800', 'é'.repeat(100_000), 'x'.repeat(1_000_000), '__proto__', 'constructor']) }));
    case 7:
      return Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"customer":"'), Buffer.from([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80]), Buffer.from('"}')]);
    case 8:
      return Buffer.from(`[${Array.from({ length: random.pick([0, 1, 999, 1000, 1001, 5000]) }, () => JSON.stringify(plainOrder(random))).join(',')}]`);
    case 9:
      return Buffer.from(text.replace('}', `,"order":2,"order":"three","order":${'4'}}`));
    case 10:
      return Buffer.from(text.slice(0, random.whole(0, text.length)));
    case 11:
      return Buffer.from(random.pick(['', ' ', 'null', 'true', '1', '"a"', '[]', '{}', '[[]]', '[null]', 'NaN', '\ufeff{}', '{"a":1}{"b":2}', '//', '{"a":undefined}']));
    case 12:
      return Buffer.from(`{${Array.from({ length: 60_000 }, (_, index) => `"k${index}":1`).join(',')}}`);
    case 13:
      return Buffer.from(JSON.stringify({ kind: random.pick(['RETRAIN', 'ROLL_BACK', '__proto__', 1]), model: random.pick(['late-payment', 'constructor', 'x'.repeat(3000), 7]), version: random.pick([null, 1, -1, 2 ** 40, '1']), who: random.pick(['fuzz', '', ' ', {}]), why: random.pick(['fuzz', 'w'.repeat(100_000)]) }));
    case 14:
      return Buffer.from(JSON.stringify({ by: 'fuzz', definitions: random.pick<unknown>([null, 1, [], {}, '{}', '['.repeat(100_000), '{"__proto__":{}}', { version: 1, streams: [{ name: '__proto__' }] }, { version: 1, timeZoneData: 'x', entities: [], rowFeatures: [], views: [], models: [], streams: 'x'.repeat(100) }]) }));
    default: {
      const bytes = Buffer.from(text);
      for (let count = random.whole(1, 8); count > 0; count--) bytes[random.whole(0, bytes.length - 1)] = random.whole(0, 255);
      return bytes;
    }
  }
}
