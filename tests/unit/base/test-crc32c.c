/** CRC-32C by the processor's instruction and by tables: RFC 3720's examples, and the same for
 * every length, alignment and cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc32c.h"

enum { LONGEST = 67, MOST = 80 };

static void test_examples(void **state)
{
    (void)state;
    unsigned char bytes[32];
    const struct {
        unsigned char first, step;
        uint32_t crc;
    } examples[] = {{0x00, 0, 0x8a9136aaU}, {0xff, 0, 0x62a8ab43U}, {0x00, 1, 0x46dd794eU}};
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        for (size_t k = 0; k < sizeof bytes; k++) {
            bytes[k] = (unsigned char)(examples[i].first + k * examples[i].step);
        }
        assert_int_equal(ig_crc32c(0, bytes, sizeof bytes), examples[i].crc);
        assert_int_equal(ig_crc32c_portable(0, bytes, sizeof bytes), examples[i].crc);
    }
    assert_int_equal(ig_crc32c(0, bytes, 0), 0);
}

static void test_every_length(void **state)
{
    (void)state;
    unsigned char bytes[MOST];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (unsigned char)(i * 151 + 7);
    }
    for (size_t from = 0; from < 8; from++) {
        for (size_t size = 0; size <= LONGEST; size++) {
            const uint32_t whole = ig_crc32c_portable(0, bytes + from, size);
            for (size_t cut = 0; cut <= size; cut++) {
                const uint32_t head = ig_crc32c(0, bytes + from, cut);
                assert_int_equal(ig_crc32c(head, bytes + from + cut, size - cut), whole);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_every_length),
    };
    return cmocka_run_group_tests_name("crc32c", tests, NULL, NULL);
}
