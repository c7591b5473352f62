/** So many of something at once: for one key, and altogether. */

export type Places = {
  /**
   * @param key null for what belongs to nobody in particular.
   * @returns how to give the place back, which counts once; or of what there are too many.
   */
  take(key: string | null): (() => void) | 'altogether' | 'for_one';
};

export function createPlaces(most: { readonly altogether: number; readonly forOne: number }): Places {
  const taken = new Map<string, number>();
  let all = 0;

  function add(key: string | null, change: 1 | -1): void {
    all += change;
    if (key === null) return;
    const own = (taken.get(key) ?? 0) + change;
    if (own === 0) taken.delete(key);
    else taken.set(key, own);
  }

  return {
    take(key) {
      if (all >= most.altogether) return 'altogether';
      if (key !== null && (taken.get(key) ?? 0) >= most.forOne) return 'for_one';
      add(key, 1);
      let left = false;
      return () => {
        if (!left) add(key, -1);
        left = true;
      };
    },
  };
}
