export { listOption, readOptions, textOption, wholeOption, type Option, type Options, type Values } from './option.ts';
export { serveService, type ServeOptions } from './serve-service.ts';
export { ServiceLog } from './service-log.ts';
export { serviceOptions } from './service-options.ts';
export { serviceStatus, type ServiceStatus } from './service-status.ts';
export { Shared } from './shared.ts';
export { startTelemetry } from './telemetry.ts';
