-- The jar of a session whose end nobody has claimed.
local id = redis.call('GET', P .. 't:' .. ARGV[3])
if not id or not unclaimed(id) then
  return { 'none' }
end
local h = redis.call('HMGET', key(id), 'v', 'j')
return { 'jar', h[1] or '0', h[2] or '' }
