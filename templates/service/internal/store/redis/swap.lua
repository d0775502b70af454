-- KEYS[1]  the record; one key only, so that the script runs on every Cluster
-- ARGV[1]  "absent" or "equal": what must be there now
-- ARGV[2]  the data that must be there
-- ARGV[3]  "set" or "delete": what to do then
-- ARGV[4]  the new data
-- ARGV[5]  the new expiry, milliseconds since 1970
local data = redis.call('GET', KEYS[1]) -- false when there is none, or when it has expired
if ARGV[1] == 'absent' then
	if data then return 0 end
elseif data ~= ARGV[2] then
	return 0
end
if ARGV[3] == 'delete' then
	redis.call('DEL', KEYS[1])
else
	redis.call('SET', KEYS[1], ARGV[4], 'PXAT', ARGV[5])
end
return 1
