#include "base/text.h"

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

/** Bytes the UTF-8 sequence that begins with `first` has; 0 where none does. */
static size_t length_of(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first < 0xE0) {
        return 2;
    }
    if (first >= 0xE0 && first < 0xF0) {
        return 3;
    }
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

size_t ig_text_character(const char *character)
{
    const unsigned char *text = (const unsigned char *)character;
    const unsigned char c = text[0];
    const size_t n = length_of(c);
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    if ((c == 0xE0 && text[1] < 0xA0) || (c == 0xED && text[1] > 0x9F) ||
        (c == 0xF0 && text[1] < 0x90) || (c == 0xF4 && text[1] > 0x8F)) {
        return 0;
    }
    return n;
}

/** Whether the character of `n` bytes at `text` does nothing but show. */
static bool is_harmless(const unsigned char *text, size_t n)
{
    if (n == 1) {
        return text[0] >= 0x20 && text[0] != 0x7f;
    }
    /* U+0080 to U+009F command terminals as ESC and a letter do. */
    if (n == 2) {
        return text[0] != 0xc2 || text[1] >= 0xa0;
    }
    /* U+200E, U+200F and U+2028 to U+202E; U+2066 to U+2069. */
    if (n == 3 && text[0] == 0xe2 && text[1] == 0x80) {
        return (text[2] < 0x8e || text[2] > 0x8f) && (text[2] < 0xa8 || text[2] > 0xae);
    }
    if (n == 3 && text[0] == 0xe2 && text[1] == 0x81) {
        return text[2] < 0xa6 || text[2] > 0xa9;
    }
    return n > 0;
}

void ig_text_sanitize(char *text)
{
    for (size_t n; *text; text += n ? n : 1) {
        n = ig_text_character(text);
        if (!is_harmless((const unsigned char *)text, n)) {
            memset(text, '?', n ? n : 1);
        }
    }
}

bool ig_text_is_sanitized(const char *text)
{
    for (size_t n; *text; text += n) {
        n = ig_text_character(text);
        if (!is_harmless((const unsigned char *)text, n)) {
            return false;
        }
    }
    return true;
}

const char *ig_text_sanitized(const char *text, char shown[IG_SANITIZED_TEXT])
{
    snprintf(shown, IG_SANITIZED_TEXT, "%s", text);
    ig_text_sanitize(shown);
    return shown;
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
