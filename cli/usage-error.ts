/** A command line that says nothing we understand. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
