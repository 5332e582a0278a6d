/** A configuration's life and its questions. */
#include <stdlib.h>
#include <string.h>

#include "base/process.h"
#include "config/config-private.h"

void ig_config_destroy(ig_config **config)
{
    ig_config *c = config ? *config : NULL;
    if (!c) {
        return;
    }
    for (size_t k = 0; c->settings && k < c->schema->n_keys; k++) {
        free(c->settings[k].values);
    }
    free(c->settings);
    free(c->seeds);
    free(c->resolved);
    free(c->file);
    free(c);
    *config = NULL;
}

const ig_schema *ig_config_schema(const ig_config *config)
{
    return config->schema;
}

const char *ig_config_file(const ig_config *config)
{
    return config->file;
}

size_t ig_config_key(const ig_config *config, const char *path)
{
    const ig_schema *schema = config->schema;
    for (size_t k = 0; k < schema->n_keys; k++) {
        if (strcmp(schema->keys[k].path, path) == 0) {
            return k;
        }
    }
    ig_bug("experiment %s has no key %s", schema->experiment, path);
}

static const ig_setting *setting_of(const ig_config *config, size_t key)
{
    if (key >= config->schema->n_keys) {
        ig_bug("key number %zu of %zu", key, config->schema->n_keys);
    }
    return &config->settings[key];
}

static const ig_placed *placed_of(const ig_config *config, size_t key, size_t i)
{
    const ig_setting *setting = setting_of(config, key);
    if (i >= setting->n) {
        ig_bug("value number %zu of %zu of key %s", i, setting->n, config->schema->keys[key].path);
    }
    return &setting->values[i];
}

size_t ig_config_count(const ig_config *config, size_t key)
{
    return setting_of(config, key)->n;
}

const ig_value *ig_config_value(const ig_config *config, size_t key, size_t i)
{
    return &placed_of(config, key, i)->value;
}

bool ig_config_given(const ig_config *config, size_t key)
{
    return setting_of(config, key)->given;
}

void ig_config_position(const ig_config *config, size_t key, size_t i, size_t *line, size_t *column)
{
    const ig_placed *placed = placed_of(config, key, i);
    *line = placed->line;
    *column = placed->column;
}

size_t ig_config_n_seeds(const ig_config *config)
{
    return config->n_seeds;
}

uint64_t ig_config_seed(const ig_config *config, size_t i)
{
    if (i >= config->n_seeds) {
        ig_bug("seed number %zu of %zu", i, config->n_seeds);
    }
    return config->seeds ? config->seeds[i] : i;
}

bool ig_config_common_random_numbers(const ig_config *config)
{
    return config->common_random_numbers;
}

int ig_config_zip_group(const ig_config *config, size_t key)
{
    return setting_of(config, key)->zip_group;
}

const char *ig_config_resolved(const ig_config *config)
{
    return config->resolved;
}

const char *ig_config_hash(const ig_config *config)
{
    return config->hash;
}
