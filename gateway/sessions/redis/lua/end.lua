-- Claims the end of a session. The same operation asked again, its first answer lost, has claimed it still.
local id, why, operation = ARGV[3], ARGV[4], ARGV[5]
local h = redis.call('HMGET', key(id), 'f', 'w', 'o')
if not h[1] then
  return { 'none' }
end
if h[2] then
  return h[3] == operation and ended(id) or { 'none' }
end
local timeout, at = expiry(id)
return finish(id, timeout or why, at or now, operation)
