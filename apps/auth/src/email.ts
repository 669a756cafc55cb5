/** The e-mail address that a sign-in form brings, without the spaces around it. */
export function emailOf(form: URLSearchParams | null): string {
  return (form?.get('email') ?? '').trim();
}
