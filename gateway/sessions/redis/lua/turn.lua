-- Turns: <P>w:<name> is the holder's while it lasts, <P>c:<name> how far the work has come.
local operation, name, holder = ARGV[3], ARGV[4], ARGV[5]
local turn, far = P .. 'w:' .. name, P .. 'c:' .. name
if operation == 'noted' then
  return { redis.call('GET', far) or 'none' }
end
local held = redis.call('GET', turn)
if operation == 'take' then
  if held and held ~= holder then
    return { 'no' }
  end
  redis.call('SET', turn, holder, 'PX', ARGV[6])
  return { 'yes' }
end
if held ~= holder then
  return { 'no' }
end
if operation == 'leave' then
  redis.call('DEL', turn)
else
  redis.call('SET', far, ARGV[6])
end
return { 'yes' }
