-- The ids of all sessions whose end nobody has claimed, each with its idle expiry; those past it are marked on the way.
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'live', '-inf', text(now))) do
  expiry(id)
end
return { redis.call('GET', P .. 'version') or '0', redis.call('ZRANGE', P .. 'live', 0, -1, 'WITHSCORES') }
