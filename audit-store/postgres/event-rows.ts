/** The columns that make an audit event, for a FROM clause that names the entries `e`. */
export const EVENT_COLUMNS = `e.body, e.hash, a.name AS "actorName", a.email AS "actorEmail",
  s.name AS "subjectName", s.email AS "subjectEmail", o.ip_address AS "ipAddress", o.user_agent AS "userAgent"`;
