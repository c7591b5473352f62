-- Undoes a start of which nobody knows whether it took place. It has no row, so its end has none either; and a start
-- that is still on its way will find its id taken.
local id, token = ARGV[3], ARGV[4]
if unclaimed(id) then
  finish(id, 'stopped', now, 'abandoned')
  redis.call('ZREM', P .. 'owed', id)
elseif redis.call('EXISTS', key(id)) == 0 then
  redis.call('HSET', key(id), 't', token)
  redis.call('PEXPIRE', key(id), text(KEPT_MS))
end
return { 'done' }
