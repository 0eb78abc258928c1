import { services } from '@millrace/contracts';

/** The console comes first: it makes the workspace. It ends last: it is the door. */
export const startOrder = ['console', ...services] as const;
/** In the order of the flow, so that what is under way is still taken by those behind. */
export const stopOrder = [...services, 'console'] as const;

export type ServiceName = (typeof startOrder)[number];
