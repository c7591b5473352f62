/** The form in which names and searches are compared, so that `É`, `é` and `E` + accent are what people take them for. */
export function searchable(text: string): string {
  // Upper case first unfolds ß; the two Greek sigmas are one letter.
  return text.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

/** What substring searches for a person look at. Cleaned text has no line feed, so no search reaches across it. */
export function personSearch(name: string, email: string): string {
  return `${searchable(name)}\n${searchable(email)}`;
}
