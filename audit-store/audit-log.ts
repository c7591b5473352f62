/** Where the record's own troubles are told; pino's loggers fit. */
export type AuditLog = {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};
