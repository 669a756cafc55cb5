/** Fetches with cookies and without following redirects, as far as a browser's part in OAuth needs it. */
export interface Browser {
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** What it would send to `url`, as `name=value` lines. */
  cookiesFor(url: string | URL): string[];
}

/** A proxy with TLS: what a browser asks of `from` goes to the server at `to`. */
export interface Proxy {
  from: string;
  to: string;
}

/** A browser with no cookies yet. */
export function openBrowser(proxy?: Proxy): Browser {
  const jar = new Map<string, { pair: string; path: string; origin: string }>();
  const cookiesFor = (url: string | URL) => {
    const { origin, pathname } = new URL(url);
    return [...jar.values()]
      .filter(
        (cookie) => cookie.origin === origin && `${pathname}/`.startsWith(cookie.path.replace(/\/*$/, '/')),
      )
      .map(({ pair }) => pair);
  };
  return {
    cookiesFor,
    async fetch(url, init = {}) {
      const headers = new Headers(init.headers);
      const cookies = cookiesFor(url);
      if (cookies.length > 0) headers.set('cookie', cookies.join('; '));
      const { origin, pathname, search } = new URL(url);
      const server = origin === proxy?.from ? proxy.to : origin;
      const response = await fetch(server + pathname + search, { ...init, headers, redirect: 'manual' });
      for (const line of response.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
        const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? '/';
        if (!mayBeSet(pair, path, attributes)) continue;
        const key = `${origin} ${path} ${pair.split('=')[0]}`;
        if (attributes.some((part) => /^expires=thu, 01 jan 1970/i.test(part))) jar.delete(key);
        else jar.set(key, { pair, path, origin });
      }
      // What it asked, and not what is behind the proxy.
      return Object.defineProperty(response, 'url', { value: String(url) });
    },
  };
}

/** What the prefix of a cookie's name wants of it (RFC 6265bis §4.1.3). */
function mayBeSet(pair: string, path: string, attributes: readonly string[]): boolean {
  const has = (name: string) => attributes.some((part) => part.toLowerCase().startsWith(name));
  if (pair.startsWith('__Host-')) return has('secure') && path === '/' && !has('domain=');
  return !pair.startsWith('__Secure-') || has('secure');
}

export interface AuthorizeOptions {
  /** Goes on in this browser, signed in as it is; else in a new one. */
  browser?: Browser;
  /** Scopes to untick on the consent page. */
  untick?: readonly string[];
  /** The id of the organization to choose; needed for a person with several. */
  organization?: string;
  /** Cancel on the consent page. */
  deny?: boolean;
}

/**
 * A person's part of the authorization code flow: opens `authorizeUrl`, signs in, answers the consent page if it
 * comes, and returns the URL at the client that the browser was sent to, with its `code` or `error`. That URL is
 * not fetched. Throws an Error with the page's text when the flow ends on a page.
 */
export async function authorize(
  authorizeUrl: string | URL,
  person: { email: string; password: string },
  { browser = openBrowser(), untick = [], organization, deny = false }: AuthorizeOptions = {},
): Promise<URL> {
  const { origin } = new URL(authorizeUrl);
  let page = await follow(browser, await browser.fetch(authorizeUrl));
  for (let step = 0; step < 20; step++) {
    const { url, status, html } = page;
    if (url.origin !== origin) return url;
    const form = status === 200 ? page.form : null;
    let response: Response;
    if (form?.action.endsWith('/sign-in')) {
      response = await submit(browser, new URL(form.action, url), credentialsOf(person));
    } else if (form?.action.endsWith('/consent') && deny) {
      response = await submit(browser, new URL(form.action.replace(/consent$/, 'cancel'), url), []);
    } else if (form?.action.endsWith('/consent') && inOrganization(form, organization)) {
      const fields = form.fields.filter(([name, value]) => name !== 'scope' || !untick.includes(value));
      response = await submit(browser, new URL(form.action, url), fields);
    } else if (form && organization !== undefined) {
      url.search = `?organization=${organization}`;
      response = await browser.fetch(url);
    } else {
      throw new Error(`the flow ended on a page: ${status} ${textOf(html)}`);
    }
    page = await follow(browser, response);
  }
  throw new Error('the flow goes round in circles');
}

/** Where an answer leads: a page of its server, or, with no page, the URL elsewhere that is not fetched. */
export interface Landing {
  url: URL;
  status: number;
  headers: Headers;
  html: string;
  /** The page's main form. */
  form: PageForm | null;
}

/** Follows an answer's redirects while they stay at its server. */
export async function follow(browser: Browser, first: Response): Promise<Landing> {
  let response = first;
  for (;;) {
    const { status, headers } = response;
    const url = new URL(response.url);
    const location = response.headers.get('location');
    if (location === null) {
      const html = await response.text();
      return { url, status, headers, html, form: readForm(html) };
    }
    await response.body?.cancel();
    const next = new URL(location, url);
    if (next.origin !== url.origin) return { url: next, status, headers, html: '', form: null };
    response = await browser.fetch(next);
  }
}

/** A browser in which a person has signed in to the account at the server `url`. Throws an Error when that fails. */
export async function signInAt(
  url: string,
  person: { email: string; password: string },
  browser = openBrowser(),
): Promise<Browser> {
  const { status } = await submit(browser, new URL('/sign-in', url), credentialsOf(person));
  if (status !== 303) throw new Error(`the sign-in was answered with ${status}`);
  return browser;
}

/** What a person types into the form of the sign-in. */
export function credentialsOf({ email, password }: { email: string; password: string }): [string, string][] {
  return [
    ['email', email],
    ['password', password],
  ];
}

/** Sends a form as a browser does. */
export function submit(
  browser: Browser,
  action: string | URL,
  fields: readonly [string, string][],
): Promise<Response> {
  return browser.fetch(action, {
    method: 'POST',
    body: new URLSearchParams(fields.map(([...pair]) => pair)),
  });
}

export interface PageForm {
  action: string;
  /** What it would send as it stands: hidden fields, and the boxes that are ticked. */
  fields: [string, string][];
}

/** The main form of a page: the one that signs in, that consents, or that chooses an organization. */
export function readForm(page: string): PageForm | null {
  for (const [, attributes = '', content = ''] of page.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)) {
    const action = attributeOf(attributes, 'action') ?? '';
    if (/\/(cancel|switch-account)$|^\/language$/.test(action)) continue;
    const fields = [...content.matchAll(/<input([^>]*)>/g)]
      .map(([, input = '']) => input)
      .filter((input) => !/type="(checkbox|radio)"/.test(input) || /\schecked/.test(input))
      .map((input): [string, string] => [
        attributeOf(input, 'name') ?? '',
        attributeOf(input, 'value') ?? '',
      ]);
    return { action, fields };
  }
  return null;
}

/** What a page says, without its markup. */
export function textOf(page: string): string {
  return decode(page.replace(/<title>.*?<\/title>|<[^>]*>/gs, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

function inOrganization(form: PageForm, organization: string | undefined): boolean {
  return (
    organization === undefined ||
    form.fields.some(([name, value]) => name === 'organization' && value === organization)
  );
}

function attributeOf(tag: string, name: string): string | null {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? null : decode(value);
}

function decode(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
