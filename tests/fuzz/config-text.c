#include "config-text.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "config-value.h"

/** A text being edited. */
typedef struct buffer {
    char *text;
    size_t size, room;
} buffer;

/** Put `n` bytes in place of those from `at`; nothing happens where there is no room. */
static void splice(buffer *b, size_t at, size_t drop, const char *bytes, size_t n)
{
    if (b->size - drop + n <= b->room) {
        memmove(b->text + at + n, b->text + at + drop, b->size - at - drop);
        memcpy(b->text + at, bytes, n);
        b->size = b->size - drop + n;
    }
}

/** A line, without its end. */
typedef struct line {
    size_t begin, end;
} line;

static line line_at(const buffer *b, size_t at)
{
    line l = {at, at};
    while (l.begin > 0 && b->text[l.begin - 1] != '\n') {
        l.begin--;
    }
    while (l.end < b->size && b->text[l.end] != '\n') {
        l.end++;
    }
    return l;
}

static line any_line(dice *d, const buffer *b)
{
    return line_at(b, dice_below(d, b->size + 1));
}

/** Its length with its end. */
static size_t whole(const buffer *b, line l)
{
    return l.end - l.begin + (l.end < b->size);
}

/** The experiment the text names, else any. */
static const ig_schema *schema_of(dice *d, const buffer *b)
{
    static const char name[] = "experiment: ";
    const ig_registry *known = ig_experiments();
    const char *found = memmem(b->text, b->size, name, sizeof name - 1);
    size_t left = found ? (size_t)(b->text + b->size - found) - (sizeof name - 1) : 0;
    for (size_t i = 0; i < known->n; i++) {
        const ig_schema *schema = &known->experiments[i]->schema;
        size_t n = strlen(schema->experiment);
        if (left >= n && memcmp(found + sizeof name - 1, schema->experiment, n) == 0) {
            return schema;
        }
    }
    return &known->experiments[dice_below(d, known->n)]->schema;
}

/** The first key whose last part is the word of `n` letters; NULL: none. */
static const ig_key *key_named(const ig_schema *schema, const char *word, size_t n)
{
    for (size_t k = 0; k < schema->n_keys; k++) {
        const char *path = schema->keys[k].path, *dot = strrchr(path, '.');
        const char *last = dot ? dot + 1 : path;
        if ((strlen(last) == n && memcmp(last, word, n) == 0) ||
            (strlen(path) == n && memcmp(path, word, n) == 0)) {
            return &schema->keys[k];
        }
    }
    return NULL;
}

/** Another value behind the first ": " of a line. */
static void replace_value(dice *d, buffer *b)
{
    const ig_schema *schema = schema_of(d, b);
    line l = any_line(d, b);
    size_t name = l.begin, colon;
    char text[CONFIG_LINE];
    while (name < l.end && strchr(" -{", b->text[name])) {
        name++;
    }
    for (colon = name; colon < l.end && b->text[colon] != ':'; colon++) {
    }
    if (colon == l.end) {
        return;
    }
    config_value(d, key_named(schema, b->text + name, colon - name), text);
    splice(b, colon + 1, l.end - colon - 1, " ", 1);
    splice(b, colon + 2, 0, text, strlen(text));
}

static void insert_line(dice *d, buffer *b)
{
    char text[CONFIG_LINE];
    config_line(d, schema_of(d, b), text);
    splice(b, any_line(d, b).begin, 0, text, strlen(text));
}

/** Drop a line, or repeat it elsewhere. */
static void carry_line(dice *d, buffer *b, bool drop, bool repeat)
{
    char text[CONFIG_LINE];
    line l = any_line(d, b);
    size_t n = whole(b, l);
    if (n > sizeof text) {
        return;
    }
    memcpy(text, b->text + l.begin, n);
    if (drop) {
        splice(b, l.begin, n, "", 0);
    }
    if (repeat) {
        splice(b, any_line(d, b).begin, 0, text, n);
    }
}

static void replace_number(dice *d, buffer *b)
{
    size_t at = dice_below(d, b->size + 1), n = 0;
    char text[CONFIG_LINE];
    while (at < b->size && !isdigit((unsigned char)b->text[at])) {
        at++;
    }
    while (at + n < b->size && (isdigit((unsigned char)b->text[at + n]) ||
                                (b->text[at + n] && strchr(".eE+-_", b->text[at + n])))) {
        n++;
    }
    if (n > 0) {
        config_value(d, NULL, text);
        splice(b, at, n, text, strlen(text));
    }
}

static void insert_oddity(dice *d, buffer *b)
{
    const char *oddity = config_oddity(d);
    splice(b, dice_below(d, b->size + 1), 0, oddity, strlen(oddity));
}

/** Indent a line by one level more or less. */
static void shift_line(dice *d, buffer *b)
{
    line l = any_line(d, b);
    if (dice_below(d, 2)) {
        splice(b, l.begin, 0, "  ", 2);
    } else if (l.end - l.begin >= 2) {
        splice(b, l.begin, 2, "", 0);
    }
}

size_t config_text_edit(char *text, size_t size, size_t room, uint64_t seed)
{
    dice d = {seed};
    buffer b = {text, size, room};
    for (size_t i = 0, n = 1 + dice_below(&d, 3); i < n; i++) {
        size_t what = dice_below(&d, 16);
        if (what < 5) {
            insert_line(&d, &b);
        } else if (what < 9) {
            replace_value(&d, &b);
        } else if (what < 11) {
            replace_number(&d, &b);
        } else if (what < 14) {
            carry_line(&d, &b, what<13, what> 11);
        } else if (what == 14) {
            insert_oddity(&d, &b);
        } else {
            shift_line(&d, &b);
        }
    }
    return b.size;
}
