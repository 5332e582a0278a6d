/** Opening and closing a result file, and what it says about itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/examine.h"
#include "store/file.h"
#include "store/internal.h"
#include "store/seal.h"

/** A file of a plugin that was not named: its user only has to know which one. */
static ig_status want_experiment(const ig_store *s, const ig_registry *registry, ig_error *error)
{
    const char *name = ig_store_attribute(s, "experiment");
    const char *origin = ig_store_attribute(s, IG_STORE_ORIGIN);
    for (size_t i = 0; i < registry->n; i++) {
        if (strcmp(registry->experiments[i]->schema.experiment, name) == 0) {
            return IG_OK;
        }
    }
    return origin ? ig_error_set(error, IG_ERR_USAGE,
                                 "holds experiment %s of the plugin %s: name it with --plugin",
                                 name, origin)
                  : IG_OK;
}

/** Whether the rows have the columns of the layout, no more and no others: checksums are over all
 *  of them, so that rows with others would seem damaged. */
static ig_status match_columns(const ig_store *s, ig_error *error)
{
    const char *names = ig_store_attribute(s, "row_columns");
    for (size_t c = 0; c < s->layout->n_columns; c++) {
        const char *name = s->layout->columns[c].name;
        size_t n = strlen(name);
        names += strspn(names, " ");
        if (strncmp(names, name, n) != 0 || (names[n] != ' ' && names[n] != '\0')) {
            return ig_error_set(error, IG_ERR_FORMAT, "its rows have no column %s where %s has one",
                                name, s->experiment->schema.experiment);
        }
        names += n;
    }
    return *names ? ig_error_set(error, IG_ERR_FORMAT, "its rows have further columns:%s", names)
                  : IG_OK;
}

/** Config, experiment, grid and layout from the config text in the file. The experiment's own check
 *  is left out: it asks whether this machine could run the tasks, not whether the text is right. */
static ig_status rebuild(ig_store *s, const ig_registry *registry, ig_error *error)
{
    const char *text = ig_store_attribute(s, "config");
    if (want_experiment(s, registry, error)) {
        return IG_ERR_USAGE;
    }
    ig_diagnostics *diagnostics = ig_diagnostics_create();
    ig_status status = diagnostics ? ig_registry_parse(registry, text, strlen(text), s->path,
                                                       &s->config, diagnostics)
                                   : IG_ERR_MEMORY;
    if (status == IG_ERR_CONFIG) {
        status =
            ig_error_set(error, IG_ERR_FORMAT, "the configuration it holds is not valid: %s",
                         ig_diagnostics_count(diagnostics) > 0 ? ig_diagnostics_text(diagnostics, 0)
                                                               : "no reason given");
    } else if (status) {
        ig_error_set(error, status, "no memory for the configuration");
    }
    if (status) {
        goto done;
    }
    if (strcmp(ig_config_hash(s->config), ig_store_attribute(s, "config_hash")) != 0) {
        status = ig_error_set(error, IG_ERR_FORMAT,
                              "its configuration means something else to this version of %s "
                              "(made by imagrid %s)",
                              ig_store_attribute(s, IG_STORE_ORIGIN) ? "the plugin" : "imagrid",
                              ig_store_attribute(s, "imagrid_version"));
        goto done;
    }
    s->experiment = ig_experiment_of(s->config);
    status = ig_grid_create(s->config, &s->grid, error);
    if (!status) {
        s->n_tasks = ig_grid_n_tasks(s->grid);
        status = ig_layout_create(s->experiment->columns, s->experiment->n_columns,
                                  s->experiment->dimensions, s->experiment->n_dimensions, s->config,
                                  &s->layout, error);
    }
    if (!status) {
        status = match_columns(s, error);
    }
done:
    ig_diagnostics_destroy(&diagnostics);
    return status;
}

static ig_status open_file(ig_store *s, const ig_registry *registry, ig_error *error)
{
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    s->fd = open(s->path, (s->writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK);
    if (s->fd < 0) {
        return ig_file_error(error, errno, "cannot be opened");
    }
    ig_status status = ig_seal_check(s->fd, error);
    if (!status) {
        status = ig_examine_texts(s->path, s->texts, error);
    }
    if (!status) {
        status = rebuild(s, registry, error);
    }
    if (!status) {
        status = ig_plan_root(s->grid, s->layout, &s->root, error);
    }
    if (!status) {
        status = ig_plan_starts(ig_store_attribute(s, IG_STORE_ORIGIN), &s->starts, error);
    }
    return status ? status : ig_examine_datasets(s->path, s->root, s->starts, error);
}

ig_status ig_store_open(const ig_registry *registry, const char *path, bool writable,
                        ig_store **store, ig_error *error)
{
    ig_store *s = calloc(1, sizeof *s);
    if (!s) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory to open %s", path);
    }
    s->fd = -1;
    s->writable = writable;
    s->path = strdup(path);
    ig_status status = s->path ? open_file(s, registry, error)
                               : ig_error_set(error, IG_ERR_MEMORY, "no memory for a path");
    if (status) {
        ig_error_context(error, "%s", path);
        ig_store_close(&s);
        return status;
    }
    *store = s;
    return IG_OK;
}

void ig_store_close(ig_store **store)
{
    ig_store *s = *store;
    if (!s) {
        return;
    }
    ig_plan_destroy(&s->starts);
    ig_plan_destroy(&s->root);
    ig_layout_destroy(&s->layout);
    ig_grid_destroy(&s->grid);
    ig_config_destroy(&s->config);
    for (size_t i = 0; i < IG_ROOT_TEXTS; i++) {
        free(s->texts[i]);
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    free(s->path);
    free(s);
    *store = NULL;
}

const char *ig_store_path(const ig_store *store)
{
    return store->path;
}

const ig_experiment *ig_store_experiment(const ig_store *store)
{
    return store->experiment;
}

const ig_config *ig_store_config(const ig_store *store)
{
    return store->config;
}

const ig_grid *ig_store_grid(const ig_store *store)
{
    return store->grid;
}

const ig_layout *ig_store_layout(const ig_store *store)
{
    return store->layout;
}

const char *ig_store_attribute(const ig_store *store, const char *name)
{
    for (size_t i = 0; i < IG_ROOT_TEXTS; i++) {
        if (strcmp(ig_root_names[i], name) == 0) {
            return store->texts[i];
        }
    }
    return NULL;
}
