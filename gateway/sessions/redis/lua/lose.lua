-- Claims the end of a session that an instance knew and that this Redis does not know at all: it was lost with the
-- memory of a server. The first instance to say so has the claim.
local id, token, actor, subject = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local idle, absolute, facts, operation = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
if redis.call('EXISTS', key(id)) == 1 then
  return { 'none' }
end
redis.call('HSET', key(id), 'f', facts, 't', token, 'a', actor, 'u', subject, 'i', idle, 'x', absolute)
redis.call('SET', P .. 't:' .. token, id)
local why, at = expiry(id)
return finish(id, why or 'lost', at or now, operation)
