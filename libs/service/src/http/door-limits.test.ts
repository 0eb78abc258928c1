import { expect, it } from '@jest/globals';
import { readOptions } from '../option.ts';
import { serviceOptions } from '../service-options.ts';
import { Door } from './door.ts';
import { doorLimits } from './door-limits.ts';

it.each([4, 2047, 2048, 4096])('a door of %d MB takes a body of 1 MiB', (megabytes) => {
  const options = readOptions(serviceOptions, { KAFKA_BROKERS: 'a:1', ARTIFACTS_URL: '/a', MILLRACE_HTTP_MEGABYTES: String(megabytes) });
  const { admission, limits } = new Door(doorLimits(options));
  expect(limits.bytes).toBe(megabytes * 1024 * 1024);
  expect(admission.refusal('a', 1 << 20)).toBeUndefined();
});
