/** Another process that holds the write lock on the record named on its command line until its input ends. */
import BetterSqlite3 from 'better-sqlite3';

const connection = new BetterSqlite3(process.argv[2]);
connection.exec('BEGIN IMMEDIATE');
process.stdout.write('locked\n');
process.stdin.resume();
process.stdin.once('end', () => {
  connection.exec('ROLLBACK');
  connection.close();
});
