-- The row of an end is on the record: nobody owes it any more.
redis.call('ZREM', P .. 'owed', ARGV[3])
return { 'done' }
