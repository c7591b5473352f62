-- Takes a seat, or says who holds it. In place of the sessions named at the end it may be taken all the same.
local id, token, actor, subject = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local idle, absolute, timeout, facts, operation = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local farthest = tonumber(ARGV[12])
local inPlaceOf = {}
for n = 13, #ARGV do
  inPlaceOf[ARGV[n]] = true
end

if math.abs(now - caller) > farthest then
  return { 'skew', text(now - caller) }
end
if redis.call('EXISTS', key(id), P .. 't:' .. token) > 0 then
  return { 'twice' }
end

local inTheWay = {}
for _, seat in ipairs({ 'a:' .. actor, 's:' .. subject }) do
  local holder = redis.call('HGET', P .. 'seats', seat)
  if holder and unclaimed(holder) then
    if not expiry(holder) and not inPlaceOf[holder] then
      local h = redis.call('HMGET', key(holder), 'f', 'i')
      return { 'taken', seat == 'a:' .. actor and 'actor' or 'subject', holder, h[1], h[2] }
    end
    if inTheWay[1] ~= holder then
      table.insert(inTheWay, holder)
    end
  end
end

local reply = { 'started' }
for _, holder in ipairs(inTheWay) do
  local why, at = expiry(holder)
  if not why then
    local own = redis.call('HGET', key(holder), 'a') == actor
    why, at = own and 'stopped' or 'taken_over', now
  end
  table.insert(reply, finish(holder, why, at, operation))
end
redis.call('HSET', key(id), 'f', facts, 't', token, 'a', actor, 'u', subject,
  'i', idle, 'x', absolute, 'm', timeout, 'p', idle, 'v', '0')
redis.call('SET', P .. 't:' .. token, id)
redis.call('ZADD', P .. 'live', idle, id)
redis.call('HSET', P .. 'seats', 'a:' .. actor, id, 's:' .. subject, id)
tell({ k = 'start', id = id, f = facts, i = idle })
return reply
