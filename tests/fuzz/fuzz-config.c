/** The configuration reader, and what every command asks of a configuration before a task runs: any
 *  bytes give a status and diagnostics, and what is accepted resolves to a text that is accepted
 *  again, with the same hash. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/try.h"
#include "config/where.h"
#include "store/store.h"
#include "target.h"

/* Grid points that are looked at: those at both ends. */
enum { POINTS = 50, OTHERS = 16 };

/** A small configuration of every experiment, to compare with. */
static ig_config *others[OTHERS];

/** A message is one line of harmless characters and says something. */
static void check_messages(const ig_diagnostics *diagnostics)
{
    size_t n = ig_diagnostics_count(diagnostics);
    for (size_t i = 0; i < n && i < 100; i++) {
        const char *text = ig_diagnostics_text(diagnostics, i);
        for (const char *c = text; *c; c++) {
            if (iscntrl((unsigned char)*c)) {
                abort();
            }
        }
        if (strlen(text) < sizeof "fuzz: ") {
            abort();
        }
    }
}

static ig_config *read_config(const char *bytes, size_t size)
{
    ig_config *config = NULL;
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    if (diagnostics) {
        ig_status status =
            ig_experiment_configure(ig_experiments(), bytes, size, "fuzz", &config, diagnostics);
        if ((status == IG_OK) != (config != NULL) ||
            (status == IG_ERR_CONFIG) != (ig_diagnostics_count(diagnostics) > 0)) {
            abort();
        }
        check_messages(diagnostics);
    }
    ig_diagnostics_destroy(&diagnostics);
    return config;
}

/** The keys without a default at their lowest value, or one that any program would do with, all
 * others as they are. */
static ig_config *make_other(const ig_schema *schema)
{
    char text[4096];
    int used = snprintf(text, sizeof text, "experiment: %s\nseeds: 1\n", schema->experiment);
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        if (!key->default_text && key->type == IG_KEY_CHOICE) {
            used += snprintf(text + used, sizeof text - (size_t)used, "%s: %s\n", key->path,
                             key->choices[0]);
        } else if (!key->default_text && key->type == IG_KEY_TEXTS) {
            used += snprintf(text + used, sizeof text - (size_t)used, "%s: [sh]\n", key->path);
        } else if (!key->default_text && key->type == IG_KEY_TREE) {
            used += snprintf(text + used, sizeof text - (size_t)used, "%s: {x: {}}\n", key->path);
        } else if (!key->default_text) {
            used += snprintf(text + used, sizeof text - (size_t)used, "%s: %.17g\n", key->path,
                             key->low);
        }
    }
    return read_config(text, (size_t)used);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const ig_registry *known = ig_experiments();
    size_t made = 0;
    for (size_t i = 0; i < known->n && i < OTHERS; i++) {
        others[i] = make_other(&known->experiments[i]->schema);
        made += others[i] != NULL;
    }
    if (made != known->n) {
        exit(1);
    }
    return 0;
}

/** Two configurations differ where their hashes do, and nowhere else. */
static void compare(const ig_config *a, const ig_config *b)
{
    char difference[1024];
    ig_config_difference(a, b, difference, sizeof difference);
    if ((strcmp(ig_config_hash(a), ig_config_hash(b)) == 0) != (*difference == '\0')) {
        fprintf(stderr, "differs: %s\n", difference);
        abort();
    }
}

/** Every axis can be asked for by its values, as retry and merge do. */
static void ask(const ig_grid *grid)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    for (size_t k = 0; k < schema->n_keys; k++) {
        size_t n = ig_config_count(config, k);
        for (size_t i = 0; schema->keys[k].column && i < n && i < POINTS; i++) {
            ig_where where;
            ig_error error = {0};
            char *text = ig_asprintf(&error, "%s=%s", schema->keys[k].column,
                                     ig_value_text(ig_config_value(config, k, i)));
            if (!text || ig_where_parse("fuzz", text, grid, &where, &error) != IG_OK ||
                where.key != k) {
                fprintf(stderr, "%s: %s\n", text, error.text);
                abort();
            }
            free(text);
        }
    }
}

static void look_at_point(const ig_grid *grid, size_t p)
{
    const ig_experiment *e = ig_experiment_of(ig_grid_config(grid));
    char label[256];
    double cost = e->cost(&(ig_point){grid, p});
    if (!(cost > 0) || !isfinite(cost)) {
        fprintf(stderr, "a cost of %g\n", cost);
        abort();
    }
    ig_grid_label(grid, p, label, sizeof label);
    ig_grid_rng_key(grid, p * ig_grid_n_seeds(grid));
}

/** Everything that `imagrid list` asks for. */
static void look(const ig_config *config)
{
    const ig_experiment *e = ig_experiment_of(config);
    ig_grid *grid = NULL;
    ig_layout *layout = NULL;
    ig_error error = {0};
    if (ig_grid_create(config, &grid, &error) != IG_OK) {
        return;
    }
    size_t n = ig_grid_n_points(grid);
    for (size_t p = 0; p < n && p < POINTS; p++) {
        look_at_point(grid, p);
        look_at_point(grid, n - 1 - p);
    }
    ask(grid);
    if (ig_layout_create(e->columns, e->n_columns, e->dimensions, e->n_dimensions, config, &layout,
                         &error) != IG_OK) {
        if (!error.text[0]) {
            abort();
        }
    } else {
        uint64_t size = 0;
        if (ig_store_size(grid, layout, &size, &error) != IG_OK || size < layout->row_size) {
            abort();
        }
    }
    ig_layout_destroy(&layout);
    ig_grid_destroy(&grid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ig_config *config = read_config((const char *)data, size);
    if (!config) {
        return 0;
    }
    const char *text = ig_config_resolved(config);
    ig_config *again = read_config(text, strlen(text));
    if (!again || strcmp(ig_config_hash(config), ig_config_hash(again)) != 0 ||
        strcmp(text, ig_config_resolved(again)) != 0) {
        fprintf(stderr, "not the same again:\n%s\n", text);
        abort();
    }
    compare(config, again);
    for (size_t i = 0; i < OTHERS && others[i]; i++) {
        compare(config, others[i]);
    }
    look(config);
    ig_config_destroy(&again);
    ig_config_destroy(&config);
    return 0;
}
