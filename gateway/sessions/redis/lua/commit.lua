-- The commit point of an acting request: is the session live now, by Redis's time and by the asking instance's? Slides
-- its idle expiry where asked, and sends the jar along where the instance does not have its latest version,
-- and the facts where it does not know them.
local token, touch, knownJar, known = ARGV[3], ARGV[4] == '1', ARGV[5], ARGV[6] == '1'
local id = redis.call('GET', P .. 't:' .. token)
if not id or not unclaimed(id) or expiry(id) then
  return { 'none' }
end
local h = redis.call('HMGET', key(id), 'f', 'i', 'x', 'm', 'p', 'v', 'j')
local idle, absolute = tonumber(h[2]), tonumber(h[3])
if caller >= idle or caller >= absolute then
  return { 'none' }
end
local slid = math.min(now + tonumber(h[4]), absolute)
if touch and slid > idle then
  idle = slid
  redis.call('HSET', key(id), 'i', text(idle))
  redis.call('ZADD', P .. 'live', text(idle), id)
  -- Once a second is often enough for those who only want to know who is being helped.
  if idle - tonumber(h[5]) >= 1000 then
    redis.call('HSET', key(id), 'p', text(idle))
    tell({ k = 'touch', id = id, i = text(idle) })
  end
end
return { 'live', id, known and '' or h[1], text(idle), h[6], h[6] ~= knownJar and h[7] or '' }
