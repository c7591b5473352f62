/** Remembers what a text of a connection's last request came to: browsers send the same cookies with every request. */

/** Keeps nothing longer than the connection lives. */
export function perConnection<Facts>(
  derive: (text: string) => Facts,
): (connection: object, text: string) => Facts {
  const last = new WeakMap<object, { readonly text: string; readonly facts: Facts }>();
  return (connection, text) => {
    const known = last.get(connection);
    if (known?.text === text) return known.facts;
    const facts = derive(text);
    last.set(connection, { text, facts });
    return facts;
  };
}
