/** Where to go after signing in: a page of this site, whatever the address asks for. */
export function onward(asked: string | string[] | undefined): string {
  if (typeof asked !== "string" || !asked.startsWith("/")) return "/";
  const base = "http://this.invalid";
  const url = URL.canParse(asked, base) ? new URL(asked, base) : null;
  return url?.origin === base ? url.pathname + url.search : "/";
}
