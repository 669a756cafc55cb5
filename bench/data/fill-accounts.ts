import pg from 'pg';

/** Fills a migrated database with `count` accounts that have the same password; returns their addresses. */
export async function fillAccounts(
  url: string,
  { count, passwordHash }: { count: number; passwordHash: string },
): Promise<string[]> {
  const db = new pg.Client(url);
  await db.connect();
  try {
    const { rows } = await db.query<{ email: string }>(
      `insert into users (id, email, name, password_hash, language, first_sign_in_at)
       select 'user_' || n, 'u' || lpad(n::text, 8, '0') || '@example.com', 'Example', $2, 'en', now()
       from generate_series(1, $1) n returning email`,
      [count, passwordHash],
    );
    await db.query('analyze users');
    return rows.map(({ email }) => email);
  } finally {
    await db.end();
  }
}
