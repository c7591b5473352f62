-- Tells everyone that somebody is there, how far the published changes are, and what time it is.
local version = redis.call('GET', P .. 'version') or '0'
redis.call('PUBLISH', P .. 'changes', cjson.encode({ k = 'beat', v = tonumber(version) }))
return { version, text(now) }
