#include "core/text.h"

#include <stdio.h>
#include <string.h>

const char *ig_text_quote(const char *text, char quoted[IG_QUOTE_TEXT])
{
    size_t used = 0;
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        int printable = byte >= 0x20 && byte < 0x7f;
        size_t need = printable ? 1 : 4;
        if (used + need + sizeof "..." > IG_QUOTE_TEXT) {
            memcpy(quoted + used, "...", sizeof "...");
            return quoted;
        }
        if (printable) {
            quoted[used] = (char)byte;
        } else {
            snprintf(quoted + used, IG_QUOTE_TEXT - used, "\\x%02x", byte);
        }
        used += need;
    }
    quoted[used] = '\0';
    return quoted;
}

void ig_text_list(char *text, size_t size, const char *name)
{
    static const char more[] = ", ...";
    size_t used = strlen(text), length = strlen(name);
    if (used + 1 >= sizeof more && strcmp(text + used + 1 - sizeof more, more) == 0) {
        return;
    }
    if (used + 2 + length + sizeof more > size) {
        if (used + sizeof more <= size) {
            memcpy(text + used, more, sizeof more);
        }
        return;
    }
    snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
}
