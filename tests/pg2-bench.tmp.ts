import { spawnSync } from 'node:child_process';
import { startPostgres } from '/work/main/tests/postgres-server.ts';
const server = await startPostgres();
const AUDIT_URL = (await server.schema()).split('?')[0];
const run = spawnSync(process.execPath, ['--expose-gc', '/work/main/bench/record/run.ts', '--store', 'postgres', '--rows', process.argv[2] ?? '2000'], { stdio: 'inherit', env: { ...process.env, AUDIT_URL } });
console.log('exit', run.status, await server.asSuperuser("SELECT 1"));
await server.remove();
