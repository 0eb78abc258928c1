import { expect, it } from '@jest/globals';
import { StreamWatches } from './stream-watches.ts';

it('refuses requests for the stream that cannot be written to, and no others', () => {
  let now = 0;
  const watches = new StreamWatches(() => now);
  const answered = watches.of('orders').began();
  answered('answered');
  const stalled = watches.of('broken').began();
  now = 3000;
  for (const path of ['/events/broken', '/events/broken?a=1', '/events/broken/']) expect(watches.refusal('POST', path)).toMatchObject({ code: 'BROKER_AWAY' });
  for (const path of ['/events/orders', '/events/brokens', '/events/nothing', '/events', '/status']) expect(watches.refusal('POST', path)).toBeUndefined();
  stalled('failed');
  watches.of('broken').began();
  expect(watches.refusal('POST', '/events/broken')).toMatchObject({ code: 'BROKER_AWAY' });
  expect(watches.of('orders').refusal()).toBeUndefined();
});
