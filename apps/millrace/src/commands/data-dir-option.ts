import { Option } from 'commander';

export function dataDirOption(): Option {
  return new Option('--data-dir <folder>', 'folder of everything that is kept: Kafka, PostgreSQL, archive, models').env('MILLRACE_DATA_DIR').default('.millrace');
}
