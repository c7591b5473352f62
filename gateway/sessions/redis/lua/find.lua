-- What a token's hash stands for; claims nothing and touches nothing.
local id = redis.call('GET', P .. 't:' .. ARGV[3])
if not id then
  return { 'none' }
end
local h = redis.call('HMGET', key(id), 'f', 'i', 'x', 'w')
if not h[1] then
  return { 'none' }
end
if h[4] then
  return ended(id)
end
local why, at = expiry(id)
if not why and caller >= tonumber(h[2]) then
  why, at = tonumber(h[2]) < tonumber(h[3]) and 'idle_timeout' or 'absolute_timeout', tonumber(h[2])
end
if why then
  return { 'expired', id, h[1], h[2], why, text(at) }
end
return { 'live', id, h[1], h[2] }
