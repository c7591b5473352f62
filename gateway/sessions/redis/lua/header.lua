-- Stands before every script: time, keys, and the few things that all of them do in the same way.
--
--   <P>live       sorted set: ids of the sessions whose end nobody has claimed, by their idle expiry (0: seen past it)
--   <P>seats      hash: a:<actor id> and s:<subject id> to the session that holds the seat
--   <P>s:<id>     hash: one session, and after its end what is left of it
--                 f facts (sealed)  t token hash  a actor  u subject  i idle expiry  x absolute expiry  m idle timeout
--                 p idle expiry last published  d seen past its time  j jar (sealed)  v its version
--                 w why it ended  e when  o by which operation
--   <P>t:<hash>   string: a token's hash to the session's id
--   <P>owed       sorted set: ended sessions whose row is not yet on the record, by when that was last taken on
--   <P>version    counter of the published changes; <P>changes is the channel
--
-- ARGV[1] is empty, or a time that a test sets; ARGV[2] is the asking instance's own time.
local P = string.sub(KEYS[1], 1, -5)
local clock = redis.call('TIME')
local real = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local now = tonumber(ARGV[1]) or real
local caller = tonumber(ARGV[2]) or now
local KEPT_MS = 24 * 60 * 60 * 1000

local function text(number)
  return string.format('%.0f', number)
end

local function key(id)
  return P .. 's:' .. id
end

local function tell(change)
  change.v = redis.call('INCR', P .. 'version')
  redis.call('PUBLISH', P .. 'changes', cjson.encode(change))
end

-- Why a session is past its time and since when, or false. What was seen so once stays so, also if the clock goes back.
local function expiry(id)
  local h = redis.call('HMGET', key(id), 'i', 'x', 'd')
  local idle, absolute = tonumber(h[1]), tonumber(h[2])
  if not idle or not absolute or (not h[3] and now < idle and now < absolute) then
    return false
  end
  if not h[3] then
    redis.call('HSET', key(id), 'd', '1')
    redis.call('ZADD', P .. 'live', 0, id)
  end
  return idle < absolute and 'idle_timeout' or 'absolute_timeout', idle
end

local function unclaimed(id)
  local h = redis.call('HMGET', key(id), 'i', 'w')
  return h[1] ~= false and h[2] == false
end

local function ended(id)
  local h = redis.call('HMGET', key(id), 'f', 'i', 'w', 'e')
  return { 'ended', id, h[1], h[2], h[3], h[4] }
end

-- The one claim of a session's end. Its seat is free, its jar is gone, and its row is owed.
local function finish(id, why, at, operation)
  local h = redis.call('HMGET', key(id), 't', 'a', 'u', 'x', 'f', 'i')
  redis.call('HDEL', key(id), 'j', 'v')
  redis.call('HSET', key(id), 'w', why, 'e', text(at), 'o', operation)
  -- However late it is claimed, until its row is written somebody may have to take that on.
  local kept = math.max(tonumber(h[4]) - now, 0) + KEPT_MS
  redis.call('PEXPIRE', key(id), text(kept))
  redis.call('PEXPIRE', P .. 't:' .. h[1], text(kept))
  redis.call('ZREM', P .. 'live', id)
  for _, seat in ipairs({ 'a:' .. h[2], 's:' .. h[3] }) do
    if redis.call('HGET', P .. 'seats', seat) == id then
      redis.call('HDEL', P .. 'seats', seat)
    end
  end
  redis.call('ZADD', P .. 'owed', text(real), id)
  tell({ k = 'end', id = id, f = h[5], i = h[6], w = why, e = text(at) })
  return { 'ended', id, h[5], h[6], why, text(at) }
end
