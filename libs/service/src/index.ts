export type { ServiceStatus } from './health.controller.ts';
export { listOption, readOptions, textOption, wholeOption, type Option, type Options, type Values } from './option.ts';
export { serveService } from './serve-service.ts';
export { ServiceLog } from './service-log.ts';
export { serviceOptions } from './service-options.ts';
export { Shared } from './shared.ts';
export { startTelemetry } from './telemetry.ts';
