/** An amount that is kept in cents, as people read it: `$12.34`, or `12.34` where nobody said in which currency. */
export function amountText(cents: number, currency?: string): string {
  const style = currency === undefined ? {} : ({ style: 'currency', currency } as const);
  return new Intl.NumberFormat('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    ...style,
  }).format(cents / 100);
}
