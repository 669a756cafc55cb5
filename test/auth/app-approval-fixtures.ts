import bcrypt from 'bcrypt';
import type { AppPolicy, Role } from '#catalog';
import { insertOrganization, updateOrganization } from '#store';
import { entriesOf } from '../support/audit.ts';
import { createMember } from '../support/fixtures.ts';
import { type Browser, follow, textOf } from '../support/sign-in.ts';
import {
  createClient,
  createSetting,
  type Person,
  password,
  type Setting,
  type TestClient,
} from './fixtures.ts';

/** A setting with organizations of their own, which let in apps or don't. */
export async function createApprovalSetting() {
  const setting = await createSetting();
  const { db, auth, signedIn } = setting;
  const maker = await insertOrganization(db, { name: 'Northwind', plan: 'enterprise', windows: null });
  // As cheap as bcrypt gets: there are many sign-ins.
  const passwordHash = await bcrypt.hash(password, 4);

  /** An app that another organization has made. */
  const foreignApp = () => createClient(db, maker.id);

  /** An organization with a policy, one who decides, and an app that others made. */
  async function place(policy: AppPolicy) {
    const acme = await insertOrganization(db, { name: 'Acme', plan: 'enterprise', windows: null });
    await updateOrganization(db, acme.id, { ...acme, appPolicy: policy });
    const person = async (role: Role): Promise<Person> => {
      const { id, email } = await createMember(db, acme.id, role, { passwordHash });
      return { id, email, password };
    };
    const client = await foreignApp();
    const admin = await person('admin');
    const adminBrowser = await signedIn(admin);
    const act = (name: string, fields: Record<string, string>, browser = adminBrowser, headers = {}) =>
      browser.fetch(`${auth.url}/account/organization-apps/${name}`, {
        method: 'POST',
        body: new URLSearchParams({ organization: acme.id, ...fields }),
        headers,
      });
    const decide = (decision: string, browser = adminBrowser) =>
      act('decide', { client: client.id, decision }, browser);
    const ownClient = () => createClient(db, acme.id);
    return {
      ...setting,
      organizationId: acme.id,
      person,
      ownClient,
      client,
      admin,
      adminBrowser,
      act,
      decide,
    };
  }

  return {
    db,
    auth,
    signedIn,
    foreignApp,
    place,
    /** The page that an authorization request of a person who is signed in ends on. */
    async open(
      at: Pick<Setting, 'authorizeUrl'> & { client: TestClient },
      browser: Browser,
      client = at.client,
    ) {
      const page = await follow(browser, await browser.fetch(at.authorizeUrl(client)));
      return { ...page, text: textOf(page.html), path: page.url.pathname };
    },
    read: async (browser: Browser, path: string) =>
      textOf(await (await browser.fetch(auth.url + path)).text()),
    actionsOf: async ({ organizationId }: { organizationId: string }) =>
      (await entriesOf(db, organizationId)).map(({ action, actorId }) => [action, actorId]),
  };
}

export type Place = Awaited<ReturnType<Awaited<ReturnType<typeof createApprovalSetting>>['place']>>;
