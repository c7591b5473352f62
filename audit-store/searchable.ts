/** The form in which names and searches are compared, so that `É`, `é` and `E` + accent are what people take them for. */
export function searchable(text: string): string {
  // Upper case first unfolds ß; the two Greek sigmas are one letter.
  return text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}
