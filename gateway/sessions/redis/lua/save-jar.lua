-- Keeps a jar in place of the version it was made from, and of no other.
local id = redis.call('GET', P .. 't:' .. ARGV[3])
if not id or not unclaimed(id) then
  return { 'none' }
end
if redis.call('HGET', key(id), 'v') ~= ARGV[4] then
  return { 'changed' }
end
-- Never a version that there was before, also if a server has forgotten the last ones.
local version = text(math.max(real, tonumber(ARGV[4]) + 1))
redis.call('HSET', key(id), 'j', ARGV[5], 'v', version)
return { 'kept', version }
