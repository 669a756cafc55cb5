/** What people call a client `c`: the host of one that describes itself, as in `clientMetadata`, since anybody can take a name. */
export const appName = `case when c.organization_id is null then split_part(c.id, '/', 3) else c.name end`;
