/** Names where a PostgreSQL record is, for people: host, port and database, never the password nor anything else of the URL. */
export function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `postgres://${host}${pathname}`;
  } catch {
    return 'of the given PostgreSQL address';
  }
}
