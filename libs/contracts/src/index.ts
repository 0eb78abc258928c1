export { eventIdOf, type IdValue } from './event-id.ts';
export { MillraceError, type ErrorAdvice } from './millrace-error.ts';
export { murmur3 } from './murmur3.ts';
