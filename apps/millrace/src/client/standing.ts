import { addressOf } from './console-address.ts';
import { ConsoleClient } from './console-client.ts';
import { serviceStatus } from './service-client.ts';
import { startOrder } from '../supervisor/service-names.ts';
import type { UpState } from '../supervisor/state-file.ts';
import type { Standing } from '../poster/quiet.ts';

/**
 * How all services and models stand at this moment.
 * @throws MillraceError while one of them does not answer
 */
export async function standingOf(state: Pick<UpState, 'services'>): Promise<Standing> {
  const address = (service: string): string => addressOf(state, service);
  const [services, { models }] = await Promise.all([Promise.all(startOrder.map((name) => serviceStatus(address(name)))), new ConsoleClient(address('console')).status()]);
  return { services, models };
}
