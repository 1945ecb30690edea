import { trustPrelude } from './redis-trust.ts';

/** Uses of a session that are closer together count as one. */
const leastIdleMs = 1000;

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

/**
 * Of many sessions, each with its team, at once: four answers for each. A session that was idle too long is not touched,
 * or its next use would find it alive; nor is one that was used within the second, since most uses come together.
 */
export const useScript = `${trustPrelude('KEYS[1]', 'false')}
local answers = {}
for n = 1, #ARGV do
  local found = redis.call('HMGET', KEYS[2 * n], 'record', 'usedAt', 'status', 'idleMs', 'at')
  local team = redis.call('HMGET', KEYS[2 * n + 1], 'revision', 'at')
  local idleFor = tonumber(ARGV[n]) - tonumber(found[2] or 0)
  if found[3] == 'active' and idleFor >= ${leastIdleMs} and idleFor <= tonumber(found[4]) then
    redis.call('HSET', KEYS[2 * n], 'usedAt', ARGV[n])
  end
  answers[4 * n - 3] = found[1]
  answers[4 * n - 2] = found[2]
  answers[4 * n - 1] = tonumber(found[5] or 0) >= fence and 1 or 0
  answers[4 * n] = team[1] and tonumber(team[2]) >= fence and team[1] or false
end
return answers`;
