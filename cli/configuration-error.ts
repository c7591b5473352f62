/** The configuration was read and is wrong; the message is the whole report, a mistake a line. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
