#include "run/shard.h"

#include <ctype.h>
#include <stdlib.h>

enum { SHARDS_LIMIT = 1000000 };

/** Decimal digits and nothing else up to `end`; more than SHARDS_LIMIT is all the same. */
static bool take_number(const char **text, char end, size_t *number)
{
    const char *c = *text;
    size_t n = 0;
    while (isdigit((unsigned char)*c)) {
        n = n > SHARDS_LIMIT ? n : 10 * n + (size_t)(*c - '0');
        c++;
    }
    if (c == *text || *c != end) {
        return false;
    }
    *number = n;
    *text = c + (end != '\0');
    return true;
}

ig_status ig_shard_parse(const char *text, ig_shard *shard, ig_error *error)
{
    ig_shard s;
    const char *rest = text;
    if (!take_number(&rest, '/', &s.index) || !take_number(&rest, '\0', &s.count) ||
        s.index >= s.count || s.count > SHARDS_LIMIT) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "shard '%s' is not I/N with 0 <= I < N <= %d, such as 0/4", text,
                            SHARDS_LIMIT);
    }
    *shard = s;
    return IG_OK;
}

bool ig_shard_holds(ig_shard shard, size_t task)
{
    return task % shard.count == shard.index;
}
