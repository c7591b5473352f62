-- The facts of some sessions, for an instance that does not know them.
local reply = {}
for n = 3, #ARGV do
  local h = redis.call('HMGET', key(ARGV[n]), 'f', 'i', 'w')
  if h[1] and h[2] and not h[3] then
    table.insert(reply, { ARGV[n], h[1], h[2] })
  end
end
return reply
