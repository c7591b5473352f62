-- Act-as links: <P>l:<id> is a hash (f facts, sealed; x expiry; s state), <P>k:<secret hash> leads to the id, and <P>links
-- are the ids of those that are open, by expiry.
local operation, id = ARGV[3], ARGV[4]

local function link(of)
  return P .. 'l:' .. of
end

local function shown(of)
  local h = redis.call('HMGET', link(of), 'f', 's')
  return h[1] and { 'link', of, h[1], h[2] } or { 'none' }
end

if operation == 'add' then
  local secret, facts, expires, most = ARGV[5], ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
  redis.call('ZREMRANGEBYSCORE', P .. 'links', '-inf', text(now))
  if redis.call('ZCARD', P .. 'links') >= most or redis.call('EXISTS', link(id)) > 0 then
    return { 'none' }
  end
  local kept = text(math.max(1, expires + KEPT_MS - now))
  redis.call('HSET', link(id), 'f', facts, 'x', text(expires), 's', 'open')
  redis.call('PEXPIRE', link(id), kept)
  redis.call('SET', P .. 'k:' .. secret, id, 'PX', kept)
  redis.call('ZADD', P .. 'links', text(expires), id)
  return { 'kept' }
end

if operation == 'find' then
  local found = redis.call('GET', P .. 'k:' .. id)
  return found and shown(found) or { 'none' }
end

if operation == 'get' then
  return shown(id)
end

if operation == 'list' then
  local all = {}
  for _, open in ipairs(redis.call('ZRANGE', P .. 'links', 0, -1)) do
    local one = shown(open)
    if one[1] == 'link' then
      table.insert(all, one)
    end
  end
  return all
end

local h = redis.call('HMGET', link(id), 'x', 's')
local expires, state = tonumber(h[1]), h[2]
if operation == 'settle' then
  if state ~= 'claimed' then
    return { 'none' }
  end
  redis.call('HSET', link(id), 's', ARGV[5])
  if ARGV[5] == 'open' then
    redis.call('ZADD', P .. 'links', text(expires), id)
  end
  return { 'kept' }
end

-- Claim and revoke. By Redis's time and by the asking instance's: whoever thinks that it is late is right.
local may = state == 'open' or (operation == 'revoke' and state == 'claimed')
if not expires or not may or now >= expires or caller >= expires then
  return { 'none' }
end
redis.call('HSET', link(id), 's', operation == 'claim' and 'claimed' or 'revoked')
redis.call('ZREM', P .. 'links', id)
return shown(id)
