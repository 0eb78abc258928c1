import { readOptions, textOption, type Values } from '@millrace/service';

export const registryOptions = {
  databaseUrl: textOption({ variable: 'DATABASE_URL', about: 'PostgreSQL for the read model, postgres://user:password@host:port/database. It may be lost: it is folded again from the log.' }),
};

/** Options of this service: type and injection token in one. */
export abstract class RegistryOptions implements Values<typeof registryOptions> {
  abstract readonly databaseUrl: string;
}

export const readRegistryOptions = (environment: Readonly<Record<string, string | undefined>>): RegistryOptions => readOptions(registryOptions, environment);
