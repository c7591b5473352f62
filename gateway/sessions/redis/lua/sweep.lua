-- Claims every session past its time, and takes on the rows that an instance owed and did not write in time.
local lease, operation = tonumber(ARGV[3]), ARGV[4]
local reply = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'live', '-inf', text(now), 'LIMIT', 0, 200)) do
  local why, at = expiry(id)
  if why then
    table.insert(reply, finish(id, why, at, operation))
  elseif not unclaimed(id) then
    redis.call('ZREM', P .. 'live', id)
  end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'owed', '-inf', text(real - lease), 'LIMIT', 0, 200)) do
  if redis.call('HEXISTS', key(id), 'w') == 1 then
    redis.call('ZADD', P .. 'owed', text(real), id)
    table.insert(reply, ended(id))
  else
    redis.call('ZREM', P .. 'owed', id)
  end
end
return reply
