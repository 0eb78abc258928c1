/**
 * Schema of a workspace. A hyphen becomes two underscores, so that no workspace has the schema that another one is rebuilt in.
 * @example schemaOf('') // 'millrace'
 * @example schemaOf('blue-2') // 'blue__2', rebuilt in 'blue__2_rebuild'
 */
export function schemaOf(workspace: string): string {
  if (workspace === '') return 'millrace';
  const name = workspace.replaceAll('-', '__');
  return /^\d/.test(name) ? `_${name}` : name;
}

export const rebuildSchemaOf = (schema: string): string => `${schema}_rebuild`;
