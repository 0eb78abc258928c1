import { hostname, userInfo } from 'node:os';

/** Who asks, for the record of the platform. */
export function whoAsks(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `user ${process.getuid?.() ?? ''}@${hostname()}`;
  }
}
