import { trustPrelude } from './redis-trust.ts';

/** Revisions go beyond the integers of Lua, so they are compared as text. */
const unlessNewer = `${trustPrelude('KEYS[2]', 'false')}
local stored = redis.call('HGET', KEYS[1], 'revision')
local given = ARGV[1]
if stored and (#stored > #given or (#stored == #given and stored > given)) then return 0 end
redis.call('HSET', KEYS[1], 'revision', given, 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

export const putScript = `${unlessNewer}
redis.call('HSET', KEYS[1], 'record', ARGV[3], 'status', ARGV[4], 'idleMs', ARGV[5])
if ARGV[4] == 'active' then redis.call('HSETNX', KEYS[1], 'usedAt', ARGV[6]) end
return 1`;

export const putEpochScript = `${unlessNewer}
return 1`;

/** A session that was idle too long is not touched, or its next use would find it alive. */
export const useScript = `${trustPrelude('KEYS[3]', 'false')}
local found = redis.call('HMGET', KEYS[1], 'record', 'usedAt', 'status', 'idleMs', 'at')
if not found[1] then return nil end
local idleFor = tonumber(ARGV[1]) - tonumber(found[2] or 0)
if found[3] == 'active' and idleFor > 0 and idleFor <= tonumber(found[4]) then
  redis.call('HSET', KEYS[1], 'usedAt', ARGV[1])
end
local team = redis.call('HMGET', KEYS[2], 'revision', 'at')
local trusted = tonumber(found[5] or 0) >= fence and 1 or 0
local epoch = team[1] and tonumber(team[2]) >= fence and team[1] or false
return {found[1], found[2], trusted, epoch}`;
