/** Opening a file: which layout it is, what all layouts have in common. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/foreign.h"
#include "base/process.h"
#include "base/text.h"
#include "data/private.h"
#include "h5/guard.h"

const char *const ig_data_formats[] = {"auto", "d4rl", "minari", "robomimic", "flat", NULL};
const char *const ig_data_discretes[] = {"auto", "yes", "no", NULL};

/* ---- what the readers of the layouts fill in ---- */

ig_status ig_data_add_part(ig_data *data, const char *path, ig_data_role role,
                           const ig_data_set *set, ig_error *error)
{
    TRY(IG_GROW(data->parts, data->n_parts + 1, error));
    ig_data_part part = {.role = role, .path = ig_strdup(path, error)};
    if (!part.path) {
        return IG_ERR_MEMORY;
    }
    snprintf(part.field.name, sizeof part.field.name, "%s", path);
    ig_text_sanitize(part.field.name);
    memcpy(part.field.type, set->type, sizeof part.field.type);
    part.field.columns = set->columns;
    data->parts[data->n_parts++] = part;
    return IG_OK;
}

ig_status ig_data_add_segment(ig_data *data, const char *group, size_t n, size_t file_row,
                              size_t states, ig_error *error)
{
    const size_t first = data->info.n_rows;
    if (n > IG_DATA_ROWS - first) {
        return ig_error_set(error, IG_ERR_CONFIG, "there are more than %zu rows", IG_DATA_ROWS);
    }
    TRY(IG_GROW(data->segments, data->n_segments + 1, error));
    char *copy = group ? ig_strdup(group, error) : NULL;
    if (group && !copy) {
        return IG_ERR_MEMORY;
    }
    data->segments[data->n_segments++] = (ig_data_segment){
        .group = copy, .first = first, .n = n, .file_row = file_row, .states = states};
    data->info.n_rows += n;
    return IG_OK;
}

ig_status ig_data_add_episode(ig_data *data, size_t length, uint64_t number, ig_data_end end,
                              bool whole, ig_error *error)
{
    const size_t n = data->info.n_episodes;
    TRY(IG_GROW(data->episodes, n + 1, error));
    const ig_data_episode *last = n > 0 ? &data->episodes[n - 1] : NULL;
    data->episodes[n] = (ig_data_episode){.first = last ? last->first + last->length : 0,
                                          .length = length,
                                          .number = number,
                                          .end = (uint32_t)end,
                                          .whole = whole};
    data->info.n_episodes++;
    data->info.n_transitions += length - (whole ? 0 : 1);
    return IG_OK;
}

ig_status ig_data_check_part(const ig_data_set *set, ig_data_role role, ig_error *error)
{
    char text[IG_DATA_NAME];
    const bool state = role == IG_DATA_STATE || role == IG_DATA_NEXT;
    ig_data_set_text(set, text);
    if (state && set->rank > 2 && strcmp(set->type, "uint8") == 0) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "%s (%s) are images, from which nothing is learned here: name others "
                            "with `observations`, or store features of the images",
                            set->name, text);
    }
    if (set->columns == 0 || set->columns > IG_DATA_COLUMNS) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s (%s) must have 1 to %d numbers a row",
                            set->name, text, IG_DATA_COLUMNS);
    }
    return role == IG_DATA_REWARD ? ig_data_set_column(set, error) : IG_OK;
}

static void widen(void *context, size_t row, double value)
{
    ig_data_choices *c = context;
    (void)row;
    c->low = value < c->low ? value : c->low;
    c->high = value > c->high ? value : c->high;
}

ig_status ig_data_add_choices(const ig_data_options *options, const ig_data_set *set,
                              ig_data_choices *choices, ig_error *error)
{
    const bool must = options->actions_discrete == IG_DATA_DISCRETE_YES;
    choices->possible = choices->possible && options->actions_discrete != IG_DATA_DISCRETE_NO &&
                        (must || (set->whole && set->columns == 1));
    return choices->possible
               ? ig_data_set_each(set, must ? 0 : -HUGE_VAL, must ? IG_DATA_CHOICES - 1 : HUGE_VAL,
                                  widen, choices, error)
               : IG_OK;
}

size_t ig_data_n_choices(const ig_data_choices *choices)
{
    const bool are = choices->possible && choices->low >= 0 && choices->high >= 0 &&
                     choices->high < IG_DATA_CHOICES;
    return are ? (size_t)choices->high + 1 : 0;
}

/* ---- opening ---- */

/** Whether it is an HDF5 file at all: what another file is, in words. */
static ig_status check_signature(const char *path, ig_error *error)
{
    unsigned char start[IG_FOREIGN_BYTES];
    char text[IG_ERRNO_TEXT];
    /* O_NONBLOCK: a FIFO of that name must not hang us. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const ssize_t n = fd < 0 ? -1 : pread(fd, start, sizeof start, 0);
    const int reason = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (n < 0) {
        return ig_error_set(error, ig_status_from_errno(reason), "cannot be %s: %s",
                            fd < 0 ? "opened" : "read", ig_errno_text(reason, text));
    }
    if (n == 0) {
        return ig_error_set(error, IG_ERR_FORMAT, "is empty");
    }
    return ig_is_hdf5(start, (size_t)n)
               ? IG_OK
               : ig_error_set(error, IG_ERR_FORMAT, "is no HDF5 file, but %s",
                              ig_foreign_describe(start, (size_t)n));
}

/** Columns of the row for every part, in the order state, action, next state, reward; actions that
 *  are choices take one each. */
static ig_status place_parts(ig_data *data, size_t choices, ig_error *error)
{
    ig_data_info *info = &data->info;
    size_t columns[4] = {0}, next[4];
    for (size_t i = 0; i < data->n_parts; i++) {
        columns[data->parts[i].role] += data->parts[i].field.columns;
        info->n_observations += data->parts[i].role == IG_DATA_STATE;
        info->n_actions += data->parts[i].role == IG_DATA_ACTION;
    }
    info->state = columns[IG_DATA_STATE];
    info->action = choices ? choices : columns[IG_DATA_ACTION];
    info->discrete = choices > 0;
    info->next_observations = columns[IG_DATA_NEXT] > 0;
    if (info->next_observations && columns[IG_DATA_NEXT] != info->state) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "next observations have %zu columns, observations %zu",
                            columns[IG_DATA_NEXT], info->state);
    }
    next[IG_DATA_STATE] = 0;
    next[IG_DATA_ACTION] = info->state;
    next[IG_DATA_NEXT] = info->state + info->action;
    next[IG_DATA_REWARD] = 2 * info->state + info->action;
    TRY(IG_ALLOC(data->fields, data->n_parts + 1, error));
    size_t states = 0, actions = info->n_observations;
    for (size_t i = 0; i < data->n_parts; i++) {
        ig_data_part *part = &data->parts[i];
        part->first = next[part->role];
        next[part->role] += part->field.columns;
        if (part->role == IG_DATA_REWARD) {
            info->rewards = part->field;
        } else if (part->role != IG_DATA_NEXT) {
            data->fields[part->role == IG_DATA_STATE ? states++ : actions++] = part->field;
        }
    }
    info->observations = data->fields;
    info->actions = data->fields + info->n_observations;
    return IG_OK;
}

/** The number of choices is known by what the readers of the layouts leave in `info`. */
static ig_status finish(ig_data *data, ig_error *error)
{
    ig_data_info *info = &data->info;
    TRY(place_parts(data, info->discrete ? info->action : 0, error));
    if (info->n_rows == 0 || info->n_episodes == 0) {
        return ig_error_set(error, IG_ERR_CONFIG, "there are no episodes");
    }
    info->n_labels = info->n_rows;
    info->episodes = data->episodes;
    TRY(IG_ALLOC(data->sets, data->n_parts, error));
    for (size_t i = 0; i < data->n_parts; i++) {
        data->sets[i].id = -1;
    }
    return IG_OK;
}

static ig_status open_file(ig_data *data, const ig_data_options *options, ig_error *error)
{
    TRY(check_signature(data->path, error));
    AUTO_HID access = ig_h5_access();
    data->file = access < 0 ? -1 : H5Fopen(data->path, H5F_ACC_RDONLY, access);
    if (data->file < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "damaged: HDF5 cannot open it");
    }
    data->info.format = options->format;
    TRY(options->format == IG_DATA_AUTO
            ? ig_data_recognise(data->file, options, &data->info.format, error)
            : IG_OK);
    TRY(ig_data_check_options(options, data->info.format, error));
    const bool groups =
        data->info.format == IG_DATA_MINARI || data->info.format == IG_DATA_ROBOMIMIC;
    TRY(groups ? ig_data_open_groups(data, options, error)
               : ig_data_open_rows(data, options, error));
    return finish(data, error);
}

typedef struct request {
    const char *path;
    const ig_data_options *options;
} request;

static ig_status open_anew(const request *r, ig_data **data, ig_error *error)
{
    AUTO(ig_data_close) ig_data *opened = NULL;
    TRY(IG_ALLOC(opened, 1, error));
    opened->file = -1;
    opened->open = SIZE_MAX;
    opened->path = ig_strdup(r->path, error);
    TRY(opened->path ? open_file(opened, r->options, error) : IG_ERR_MEMORY);
    *data = ig_take(&opened);
    return IG_OK;
}

static ig_status try_open(void *context, ig_error *error)
{
    AUTO(ig_data_close) ig_data *data = NULL;
    return open_anew(context, &data, error);
}

ig_status ig_data_open(const char *path, const ig_data_options *options, ig_data **data,
                       ig_error *error)
{
    IG_H5_MUTED;
    char shown[IG_SANITIZED_TEXT];
    request r = {path, options};
    ig_status status = ig_guarded(try_open, &r, error);
    status = status ? status : open_anew(&r, data, error);
    if (status) {
        ig_error_context(error, "%s", ig_text_sanitized(path, shown));
    }
    return status;
}

void ig_data_close(ig_data **data)
{
    ig_data *d = *data;
    if (!d) {
        return;
    }
    for (size_t i = 0; i < d->n_parts; i++) {
        if (d->sets) {
            ig_data_set_close(&d->sets[i]);
        }
        free(d->parts[i].path);
    }
    for (size_t i = 0; i < d->n_segments; i++) {
        free(d->segments[i].group);
    }
    free(d->sets);
    free(d->parts);
    free(d->segments);
    free(d->episodes);
    free(d->fields);
    free(d->path);
    ig_h5_close(&d->file);
    free(d);
    *data = NULL;
}

const ig_data_info *ig_data_describe(const ig_data *data)
{
    return &data->info;
}
