const MOST = 500;

/** Works it out once for each text, where the same few come again and again; of endlessly many only the first are remembered. */
export function onceForEach<Value extends boolean | object>(
  workOut: (text: string) => Value,
): (text: string) => Value {
  const known = new Map<string, Value>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = workOut(text);
    if (known.size < MOST) known.set(text, found);
    return found;
  };
}
