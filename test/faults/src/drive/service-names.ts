/** All processes of a deployment, in the order of the flow; the console stands beside it. */
export const serviceNames = ['console', 'ingestion', 'feature-store', 'inference', 'monitor', 'trainer', 'registry', 'deployer'] as const;
export type ServiceName = (typeof serviceNames)[number];
