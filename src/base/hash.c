#include "base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/process.h"
#include "base/signals.h"
#include "base/try.h"

enum { BLOCK = 1 << 20 };

static void free_hash(XXH3_state_t *const *state)
{
    XXH3_freeState(*state);
}

ig_status ig_hash_file(int fd, char hash[IG_HASH_TEXT], uint64_t *bytes, ig_error *error)
{
    AUTO_FREE unsigned char *block = NULL;
    AUTO(free_hash) XXH3_state_t *state = XXH3_createState();
    char reason[IG_ERRNO_TEXT];
    uint64_t size = 0;
    ssize_t n = 0;
    TRY(IG_ALLOC(block, BLOCK, error));
    if (!state) {
        return ig_error_set(error, IG_ERR_MEMORY, "out of memory");
    }
    XXH3_128bits_reset(state);
    while ((n = read(fd, block, BLOCK)) > 0 || (n < 0 && errno == EINTR)) {
        XXH3_128bits_update(state, block, n > 0 ? (size_t)n : 0);
        size += n > 0 ? (uint64_t)n : 0;
        if (ig_signals_caught()) {
            return ig_signals_error(error);
        }
    }
    if (n < 0) {
        return ig_error_set(error, IG_ERR_IO, "cannot be read: %s", ig_errno_text(errno, reason));
    }
    const XXH128_hash_t sum = XXH3_128bits_digest(state);
    snprintf(hash, IG_HASH_TEXT, "%016llx%016llx", (unsigned long long)sum.high64,
             (unsigned long long)sum.low64);
    if (bytes) {
        *bytes = size;
    }
    return IG_OK;
}
