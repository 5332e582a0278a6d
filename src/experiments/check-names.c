/** Names, texts and references from one table of an experiment to another. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "experiments/check.h"

enum { LONGEST_NAME = 48 };

bool ig_check_is_word(const char *text, const char *more, size_t longest)
{
    size_t n = 0;
    if (!text || !*text) {
        return false;
    }
    for (; n <= longest && text[n]; n++) {
        unsigned char c = (unsigned char)text[n];
        if (c > 126 || (!isalnum(c) && !strchr(more, c))) {
            return false;
        }
    }
    return n <= longest;
}

bool ig_check_is_name(const char *text)
{
    return ig_check_is_word(text, "_", LONGEST_NAME) && isalpha((unsigned char)*text);
}

bool ig_check_is_line(const char *text)
{
    if (!text || !*text) {
        return false;
    }
    /* Titles and labels go to terminals, pages and pictures. */
    return ig_text_is_sanitized(text);
}

bool ig_check_is_in(const char *const *list, const char *text)
{
    for (; text && list && *list; list++) {
        if (strcmp(*list, text) == 0) {
            return true;
        }
    }
    return false;
}

bool ig_check_is_summarised(const ig_experiment *experiment, const char *column)
{
    return ig_check_is_in(experiment->summary.columns, column);
}

const ig_key *ig_check_key(const ig_experiment *experiment, const char *path)
{
    const ig_schema *schema = &experiment->schema;
    for (size_t k = 0; path && k < schema->n_keys; k++) {
        if (strcmp(schema->keys[k].path, path) == 0) {
            return &schema->keys[k];
        }
    }
    return NULL;
}

bool ig_check_is_published(const ig_experiment *experiment, const char *path, ig_key_type type)
{
    const ig_key *key = ig_check_key(experiment, path);
    return !path || (key && !key->column && key->type == type);
}
