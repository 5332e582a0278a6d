#include "store/padded.h"

#include <string.h>

/** Bytes of the UTF-8 character at `text`, of which `length` >= 1 bytes are left; 0 if there is
 *  none (overlong forms, surrogates and what is beyond U+10FFFF are none). */
static size_t character(const unsigned char *text, size_t length)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t size;
    } forms[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
        if (text[0] < forms[f].first_low || text[0] > forms[f].first_high) {
            continue;
        }
        size_t size = forms[f].size;
        if (size > length ||
            (size > 1 && (text[1] < forms[f].second_low || text[1] > forms[f].second_high)) ||
            (size > 2 && (text[2] & 0xc0) != 0x80) || (size > 3 && (text[3] & 0xc0) != 0x80)) {
            return 0;
        }
        return size;
    }
    return 0;
}

void ig_padded_text(const char *text, size_t length, char *padded, size_t size)
{
    size_t from = 0, to = 0;
    memset(padded, 0, size);
    while (from < length) {
        size_t n = character((const unsigned char *)text + from, length - from);
        size_t take = n ? n : 1;
        if (to + take > size) {
            break;
        }
        memcpy(padded + to, n ? text + from : "?", take);
        from += take;
        to += take;
    }
}
