/** Keeps a spreadsheet from taking a cell of the CSV for a formula (CWE-1236): a `'` goes in front. */
export function disarmed<Cell extends string | number | null>(cell: Cell): Cell | string {
  return typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : cell;
}

// Also after blanks, which spreadsheets trim, and as the full-width forms, which some of them fold.
const FORMULA = /^(?:[\t\r\0]|[\s\p{Cf}]*[=+\-@＝＋－＠])/u;
