import { beforeEach, describe, expect, it } from '@jest/globals';
import { BrokerWatch } from './broker-watch.ts';

let now: number;
let watch: BrokerWatch;

beforeEach(() => {
  now = 0;
  watch = new BrokerWatch(() => now);
});

describe('BrokerWatch', () => {
  it('lets all through while writes are answered', () => {
    const [first, second] = [watch.began(), watch.began()];
    now = 1900;
    expect(watch.refusal()).toBeUndefined();
    first('answered');
    second('answered');
    now = 10_000;
    expect(watch.refusal()).toBeUndefined();
  });

  it('refuses while the oldest write has waited for more than 2 s, and no longer once it is answered', () => {
    const stalled = watch.began();
    now = 1500;
    const later = watch.began();
    now = 2001;
    expect(watch.refusal()).toMatchObject({ code: 'BROKER_AWAY', retriable: true });
    stalled('answered');
    expect(watch.refusal()).toBeUndefined();
    later('answered');
  });

  it('lets one through after a failure, to find out, and all others when that one was answered', () => {
    watch.began()('failed');
    expect(watch.refusal()).toBeUndefined();
    const probe = watch.began();
    expect(watch.refusal()).toMatchObject({ code: 'BROKER_AWAY' });
    probe('failed');
    const second = watch.began();
    expect(watch.refusal()).toMatchObject({ code: 'BROKER_AWAY' });
    second('answered');
    watch.began();
    expect(watch.refusal()).toBeUndefined();
  });

  it('learns nothing from a write that never reached the broker', () => {
    watch.began()('failed');
    watch.began()('unasked');
    watch.began();
    expect(watch.refusal()).toMatchObject({ code: 'BROKER_AWAY' });
  });
});
