/** The e-mail address that a sign-in form brings, without the spaces around it. */
export function emailOf(form: URLSearchParams | null): string {
  return (form?.get('email') ?? '').trim();
}

/** The name under which an address is compared and counted: without regard to case, as accounts are looked for. */
export function emailKey(email: string): string {
  return email.trim().toLowerCase();
}
