/** The resolved text of a configuration and its hash. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "config/config-private.h"

static void print_value(FILE *stream, const ig_key *key, const ig_value *value)
{
    if (key->type == IG_KEY_CHOICE && value->integer >= 0) {
        const char *choice = key->choices[value->choice];
        fprintf(stream, "{%.*s: %" PRId64 "}", (int)strlen(choice) - 1, choice, value->integer);
    } else {
        fputs(value->text, stream);
    }
}

void ig_config_print_setting(FILE *stream, const ig_config *config, size_t key)
{
    const ig_setting *setting = &config->settings[key];
    for (size_t i = 0; i < setting->n; i++) {
        if (setting->n > 1) {
            fputs(i ? ", " : "[", stream);
        }
        print_value(stream, &config->schema->keys[key], &setting->values[i].value);
    }
    if (setting->n > 1) {
        fputs("]", stream);
    }
}

void ig_config_print_seeds(FILE *stream, const ig_config *config)
{
    if (!config->seeds) {
        fprintf(stream, "%zu", config->n_seeds);
        return;
    }
    for (size_t i = 0; i < config->n_seeds; i++) {
        fprintf(stream, "%s%" PRIu64, i ? ", " : "[", config->seeds[i]);
    }
    fputs("]", stream);
}

void ig_config_print_zip(FILE *stream, const ig_config *config)
{
    fputs("[", stream);
    for (int g = 0; g < config->n_zip_groups; g++) {
        bool first = true;
        fputs(g ? ", [" : "[", stream);
        for (size_t k = 0; k < config->schema->n_keys; k++) {
            if (config->settings[k].zip_group == g) {
                fprintf(stream, "%s%s", first ? "" : ", ", config->schema->keys[k].path);
                first = false;
            }
        }
        fputs("]", stream);
    }
    fputs("]", stream);
}

/** Which keys to print: those whose path begins with the first `length` letters of `path`. */
typedef struct scope {
    const char *path;
    size_t length;
    int depth;
    bool annotations;
} scope;

static bool is_in(const scope *s, const ig_key *key)
{
    return (s->annotations || !key->annotation) && strncmp(key->path, s->path, s->length) == 0;
}

/** Print the keys of a scope, each group of them once, where its first key stands in the table. */
static void print_keys(FILE *stream, const ig_config *config, const scope *s)
{
    const ig_key *keys = config->schema->keys;
    for (size_t k = 0; k < config->schema->n_keys; k++) {
        if (!is_in(s, &keys[k])) {
            continue;
        }
        const char *name = keys[k].path + s->length, *dot = strchr(name, '.');
        if (!dot) {
            fprintf(stream, "%*s%s: ", 2 * s->depth, "", name);
            ig_config_print_setting(stream, config, k);
            fputs("\n", stream);
            continue;
        }
        scope inner = {keys[k].path, s->length + (size_t)(dot - name) + 1, s->depth + 1,
                       s->annotations};
        size_t first = 0;
        while (!is_in(&inner, &keys[first])) {
            first++;
        }
        if (first == k) {
            fprintf(stream, "%*s%.*s:\n", 2 * s->depth, "", (int)(dot - name), name);
            print_keys(stream, config, &inner);
        }
    }
}

static ig_status print_config(const ig_config *config, bool annotations, char **text)
{
    char *made = NULL;
    size_t size;
    FILE *stream = open_memstream(&made, &size);
    if (!stream) {
        return IG_ERR_MEMORY;
    }
    fprintf(stream, "experiment: %s\nseeds: ", config->schema->experiment);
    ig_config_print_seeds(stream, config);
    fprintf(stream, "\ncommon_random_numbers: %s\n",
            config->common_random_numbers ? "true" : "false");
    print_keys(stream, config, &(scope){"", 0, 0, annotations});
    if (config->n_zip_groups > 0) {
        fputs("zip: ", stream);
        ig_config_print_zip(stream, config);
        fputs("\n", stream);
    }
    bool failed = ferror(stream) != 0;
    if (fclose(stream) != 0 || failed) {
        free(made);
        return IG_ERR_MEMORY;
    }
    *text = made;
    return IG_OK;
}

ig_status ig_config_resolve(ig_config *config)
{
    char *hashed = NULL;
    ig_status status = print_config(config, true, &config->resolved);
    if (!status) {
        status = print_config(config, false, &hashed);
    }
    if (!status) {
        XXH128_canonical_t canonical;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits(hashed, strlen(hashed)));
        for (size_t i = 0; i < sizeof canonical.digest; i++) {
            snprintf(config->hash + 2 * i, 3, "%02x", canonical.digest[i]);
        }
    }
    free(hashed);
    return status;
}
