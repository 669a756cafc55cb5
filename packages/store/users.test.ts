import { describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '../../test/support/test-database.ts';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';
import { changeEmail, findOrInsertUser, findUser, insertUser } from './users.ts';

const db = await createTestDatabase();
const newUser = () => ({ email: `${newId('u')}@example.com`, name: 'Example', passwordHash: null });

describe('a user of an address', () => {
  it('is found, or made once of many tries at once', async () => {
    const person = newUser();
    const found = await Promise.all([1, 2, 3, 4].map(() => findOrInsertUser(db, person)));
    expect(new Set(found.map(({ id }) => id)).size).toBe(1);
  });

  it('is made when whoever has the address gives it up while one looks', async () => {
    const person = newUser();
    const former = await insertUser(db, person);
    let statements = 0;
    const slow: Queryable = {
      async query(text, values) {
        statements += 1;
        if (statements === 2) {
          await db.transaction((tx) => changeEmail(tx, former?.id ?? '', newUser().email));
        }
        return db.query(text, values);
      },
    };
    const made = await findOrInsertUser(slow, person);
    expect([made.email, made.id === former?.id]).toEqual([person.email, false]);
  });
});

describe('another address', () => {
  it('is refused while somebody has it, in any case of letters, and the transaction goes on', async () => {
    const [one, other] = [await insertUser(db, newUser()), await insertUser(db, newUser())];
    const id = one?.id ?? '';
    const changed = await db.transaction(async (tx) => {
      const outcome = await changeEmail(tx, id, other?.email.toUpperCase() ?? '');
      return [outcome, (await findUser(tx, id))?.email];
    });
    expect(changed).toEqual([false, one?.email]);
  });

  it('may be the own one in other letters', async () => {
    const user = await insertUser(db, newUser());
    const email = user?.email.toUpperCase() ?? '';
    expect(await db.transaction((tx) => changeEmail(tx, user?.id ?? '', email))).toBe(true);
    expect(await findUser(db, user?.id ?? '')).toMatchObject({ email });
  });
});
