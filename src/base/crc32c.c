#include "base/crc32c.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define WITH_CRC            __attribute__((target("sse4.2")))
#define CRC_BYTE(crc, byte) _mm_crc32_u8(crc, byte)
#define CRC_WORD(crc, word) ((uint32_t)_mm_crc32_u64(crc, word))
static bool has_instruction(void)
{
    return __builtin_cpu_supports("sse4.2");
}
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
/* gcc and clang have different intrinsics for these, and clang before 16 another attribute. */
#define WITH_CRC
#define CRC_EXTENSION       ".arch_extension crc\n\t"
static inline uint32_t crc_byte(uint32_t crc, unsigned char byte)
{
    __asm__(CRC_EXTENSION "crc32cb %w0, %w0, %w1" : "+r"(crc) : "r"((uint32_t)byte));
    return crc;
}
static inline uint32_t crc_word(uint32_t crc, uint64_t word)
{
    __asm__(CRC_EXTENSION "crc32cx %w0, %w0, %x1" : "+r"(crc) : "r"(word));
    return crc;
}
#define CRC_BYTE(crc, byte) crc_byte(crc, byte)
#define CRC_WORD(crc, word) crc_word(crc, word)
static bool has_instruction(void)
{
    const unsigned long crc32 = 1UL << 7; /* HWCAP_CRC32 */
    return getauxval(AT_HWCAP) & crc32;
}
#endif

uint32_t ig_crc32c_portable(uint32_t crc, const void *bytes, size_t size)
{
    static uint32_t table[256];
    if (!table[1]) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t entry = i;
            for (int bit = 0; bit < 8; bit++) {
                entry = (entry >> 1) ^ (entry & 1 ? 0x82f63b78U : 0);
            }
            table[i] = entry;
        }
    }
    const unsigned char *next = bytes;
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc = (crc >> 8) ^ table[(crc ^ next[i]) & 0xff];
    }
    return ~crc;
}

#ifdef WITH_CRC
static WITH_CRC uint32_t by_instruction(uint32_t crc, const void *bytes, size_t size)
{
    const unsigned char *next = bytes;
    uint64_t word = 0;
    crc = ~crc;
    for (; size >= sizeof word; size -= sizeof word, next += sizeof word) {
        memcpy(&word, next, sizeof word);
        crc = CRC_WORD(crc, word);
    }
    for (size_t i = 0; i < size; i++) {
        crc = CRC_BYTE(crc, next[i]);
    }
    return ~crc;
}
#endif

uint32_t ig_crc32c(uint32_t crc, const void *bytes, size_t size)
{
#ifdef WITH_CRC
    if (has_instruction()) {
        return by_instruction(crc, bytes, size);
    }
#endif
    return ig_crc32c_portable(crc, bytes, size);
}
