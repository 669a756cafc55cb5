/** A route's path as OpenAPI writes it: `/vaults/:id0/documents` → `/vaults/{vault_id}/documents`. */
export function templateOf(path: string): string {
  return path.replace(/([^/]*)\/:(\w+)/g, (_all, before: string, name: string) => {
    const parent = before.replaceAll('-', '_').replace(/ies$/, 'y').replace(/s$/, '');
    const last = path.endsWith(`:${name}`);
    return `${before}/{${name === 'id' || last ? 'id' : `${parent}_id`}}`;
  });
}

/** The names of a template's parameters, in their order. */
export function parametersOf(path: string): string[] {
  return [...templateOf(path).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** A route's id out of its summary: `Update a policy` → `updatePolicy`. */
export function operationId(summary: string): string {
  const words = summary.split(/[^A-Za-z0-9]+/).filter((word) => !/^(an?|the)$/i.test(word));
  const joined = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()).join('');
  return joined.slice(0, 1).toLowerCase() + joined.slice(1);
}
