export { CreateProjectionPosition1795219200000 } from './create-projection-position.migration.ts';
export { dataSource, type DataSourceConfig } from './data-source.ts';
export { ProjectionPosition } from './projection-position.ts';
export { difference, type TableDifference } from './schema-difference.ts';
export { positionsOf, withPosition, type Position } from './with-position.ts';
