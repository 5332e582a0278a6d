/** How two configurations differ. */
#include <stdlib.h>
#include <string.h>

#include "config/config-private.h"

typedef void print_part(FILE *stream, const ig_config *config, size_t key);

static void print_experiment(FILE *stream, const ig_config *config, size_t key)
{
    (void)key;
    fputs(config->schema->experiment, stream);
}

static void print_seeds(FILE *stream, const ig_config *config, size_t key)
{
    (void)key;
    ig_config_print_seeds(stream, config);
}

static void print_common(FILE *stream, const ig_config *config, size_t key)
{
    (void)key;
    fputs(config->common_random_numbers ? "true" : "false", stream);
}

static void print_zip(FILE *stream, const ig_config *config, size_t key)
{
    (void)key;
    ig_config_print_zip(stream, config);
}

/** The text of one part, or NULL without memory; the caller's to free. */
static char *part_text(const ig_config *config, print_part *print, size_t key)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (!stream) {
        return NULL;
    }
    print(stream, config, key);
    bool failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

/** A text under construction in the caller's buffer. */
typedef struct target {
    char *text;
    size_t size;
} target;

static void append(const target *t, const char *name, const char *there, const char *here)
{
    /* Of long lists the part around the first difference is shown. */
    enum { SHOWN = 100, BEFORE = 20 };
    size_t same = 0, used = strlen(t->text);
    while (there[same] && there[same] == here[same]) {
        same++;
    }
    size_t from = strlen(there) <= SHOWN && strlen(here) <= SHOWN ? 0
                  : same > BEFORE                                 ? same - BEFORE
                                                                  : 0;
    const char *before = from > 0 ? "..." : "";
    snprintf(t->text + used, t->size - used, "%s%s: %s%.*s%s there, %s%.*s%s here",
             used ? "; " : "", name, before, SHOWN, there + from,
             strlen(there + from) > SHOWN ? "..." : "", before, SHOWN, here + from,
             strlen(here + from) > SHOWN ? "..." : "");
}

static void compare(const ig_config *there, const ig_config *here, const char *name,
                    print_part *print, size_t key, const target *t)
{
    char *a = part_text(there, print, key), *b = part_text(here, print, key);
    if (!a || !b) {
        append(t, name, "(no memory to tell)", "(no memory to tell)");
    } else if (strcmp(a, b) != 0) {
        append(t, name, a, b);
    }
    free(a);
    free(b);
}

void ig_config_difference(const ig_config *there, const ig_config *here, char *text, size_t size)
{
    target t = {text, size};
    if (size == 0) {
        return;
    }
    *text = '\0';
    compare(there, here, "experiment", print_experiment, 0, &t);
    if (there->schema != here->schema) {
        return;
    }
    compare(there, here, "seeds", print_seeds, 0, &t);
    compare(there, here, "common_random_numbers", print_common, 0, &t);
    for (size_t k = 0; k < here->schema->n_keys; k++) {
        if (!here->schema->keys[k].annotation) {
            compare(there, here, here->schema->keys[k].path, ig_config_print_setting, k, &t);
        }
    }
    compare(there, here, "zip", print_zip, 0, &t);
}
