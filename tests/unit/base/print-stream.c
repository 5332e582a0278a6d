/** Print the beginning of some random streams for comparison with NumPy: one line each of
 *  hash seed substream stream, then words and uniforms. */
#include <inttypes.h>
#include <stdio.h>

#include "imagrid/rng.h"

int main(void)
{
    static const uint64_t seeds[] = {0, 1, 12345, UINT64_MAX}, substreams[] = {0, 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        for (size_t j = 0; j < sizeof substreams / sizeof *substreams; j++) {
            ig_rng_key key = ig_rng_key_make("scaling;anchors=2000", seeds[i]);
            ig_rng words = ig_rng_start(key, IG_STREAM_SHUFFLE, substreams[j]), uniforms = words;
            printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %d", key.word[0], key.word[1],
                   substreams[j], IG_STREAM_SHUFFLE);
            for (int k = 0; k < 11; k++) {
                printf(" %" PRIu64, ig_rng_u64(&words));
            }
            for (int k = 0; k < 11; k++) {
                printf(" %.17g", ig_rng_uniform(&uniforms));
            }
            printf("\n");
        }
    }
    return 0;
}
