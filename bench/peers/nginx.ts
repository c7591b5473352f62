/** nginx with one process, kept upstream connections and X-Forwarded-*: what a proxy written in C does on the same core. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PLACES = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx'];

/** Where nginx is on this machine, or null. */
export function findNginx(): string | null {
  return PLACES.find((place) => existsSync(place)) ?? null;
}

/** The command that runs it, with everything it writes inside `folder`. */
export function nginxCommand(
  binary: string,
  folder: string,
  port: number,
  upstream: string,
): readonly string[] {
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, new URL(upstream).host));
  return [binary, '-p', folder, '-c', file, '-e', join(folder, 'nginx-error.log')];
}

// A page fits into the buffers, so that no answer goes through a file.
function configuration(folder: string, port: number, upstream: string): string {
  return `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx-error.log error;
events { worker_connections 1024; }
http {
  access_log off;
  server_tokens off;
  client_body_temp_path ${folder}/nginx-body;
  proxy_temp_path ${folder}/nginx-proxy;
  fastcgi_temp_path ${folder}/nginx-fastcgi;
  uwsgi_temp_path ${folder}/nginx-uwsgi;
  scgi_temp_path ${folder}/nginx-scgi;
  keepalive_requests 1000000000;
  upstream app { server ${upstream}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_buffers 16 8k;
      proxy_busy_buffers_size 64k;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }
}
`;
}
