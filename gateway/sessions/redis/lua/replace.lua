-- Keeps new facts of a live session in place of those they were made from, and of no others; tells everyone.
local id, before, facts = ARGV[3], ARGV[4], ARGV[5]
if not unclaimed(id) or expiry(id) then
  return { 'none' }
end
local h = redis.call('HMGET', key(id), 'f', 'i')
if caller >= tonumber(h[2]) then
  return { 'none' }
end
if h[1] ~= before then
  return { 'changed', h[1], h[2] }
end
redis.call('HSET', key(id), 'f', facts)
tell({ k = 'facts', id = id, f = facts, i = h[2] })
return { 'kept', h[2] }
