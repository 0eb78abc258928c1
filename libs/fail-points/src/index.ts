export { armFromEnvironment } from './arm-from-environment.ts';
export { childEnvironment } from './child-environment.ts';
export { arm, failPoint, type Act } from './fail-point.ts';
export { points, type Point } from './points.ts';
export { matches, parseRules, type Action, type Rule, type Rules } from './rule.ts';
