#include "store/datasets.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file holds little-endian numbers");

const char *ig_variable_name(const ig_variable *variable)
{
    return variable->name ? variable->name : variable->own;
}

const ig_variable *ig_datasets_find(const ig_datasets *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(ig_variable_name(&list->variables[i]), name) == 0) {
            return &list->variables[i];
        }
    }
    return NULL;
}

uint64_t ig_variable_size(const ig_variable *variable)
{
    return (uint64_t)variable->shape[0] * variable->shape[1] * ig_stored_size(variable->type);
}

static ig_status list_create(size_t capacity, ig_datasets **list, ig_error *error)
{
    AUTO(ig_datasets_destroy) ig_datasets *l = NULL;
    TRY(IG_ALLOC(l, 1, error));
    TRY(IG_ALLOC(l->variables, capacity, error));
    *list = ig_take(&l);
    return IG_OK;
}

void ig_datasets_destroy(ig_datasets **list)
{
    if (*list) {
        free((*list)->variables);
        free(*list);
        *list = NULL;
    }
}

/** Append a dimension; its index. */
static size_t add_scale(ig_datasets *list, ig_variable v, size_t length)
{
    v.scale = true;
    v.n_axes = 1;
    v.axes[0] = list->n;
    v.shape[0] = length;
    v.shape[1] = 1;
    list->variables[list->n] = v;
    return list->n++;
}

/** The dimension of text of this length, made where it is not there yet. */
static size_t text_scale(ig_datasets *list, size_t length)
{
    ig_variable v = {.type = IG_STORED_F32, .role = IG_ROLE_BARE};
    snprintf(v.own, sizeof v.own, "string%zu", length);
    const ig_variable *there = ig_datasets_find(list, v.own);
    return there ? (size_t)(there - list->variables) : add_scale(list, v, length);
}

/** Append a variable over scale `first` and, unless that is `first` too, scale `second`. */
static void add(ig_datasets *list, ig_variable v, size_t first, size_t second)
{
    v.n_axes = second == first ? 1 : 2;
    v.axes[0] = first;
    v.axes[1] = second;
    v.shape[0] = list->variables[first].shape[0];
    v.shape[1] = second == first ? 1 : list->variables[second].shape[0];
    list->variables[list->n++] = v;
}

/** Longest text of an axis key's values, at least 1. */
static size_t longest_text(const ig_config *config, size_t key)
{
    size_t longest = 1;
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        size_t length = strlen(ig_value_text(ig_config_value(config, key, i)));
        longest = length > longest ? length : longest;
    }
    return longest;
}

/** The dimensions of the texts of earlier or of later keys. */
static void add_text_scales(ig_datasets *list, const ig_config *config, bool later)
{
    const ig_schema *schema = ig_config_schema(config);
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        if (key->column && key->later == later && key->type != IG_KEY_INTEGER &&
            key->type != IG_KEY_REAL) {
            const size_t before = list->n, scale = text_scale(list, longest_text(config, k));
            list->variables[scale].optional |= later && scale == before;
        }
    }
}

/** Scales first, since axes are named by index. */
static void add_scales(ig_datasets *list, const ig_grid *grid, const ig_layout *layout)
{
    const ig_config *config = ig_grid_config(grid);
    add_scale(list,
              (ig_variable){.name = "task",
                            .type = IG_STORED_I64,
                            .role = IG_ROLE_TASK,
                            .units = "1",
                            .long_name = "number of the task: grid point * seeds + seed's place"},
              ig_grid_n_tasks(grid));
    for (size_t d = 0; d < layout->n_dimensions; d++) {
        const ig_dimension *dimension = &layout->dimensions[d];
        add_scale(list,
                  (ig_variable){.name = dimension->name,
                                .type = IG_STORED_F64,
                                .role = IG_ROLE_COUNT,
                                .first = dimension->first,
                                .units = dimension->units,
                                .long_name = dimension->long_name},
                  layout->lengths[d]);
    }
    add_text_scales(list, config, false);
    text_scale(list, IG_ROW_ERROR);
    for (size_t c = 0; c < layout->n_columns; c++) {
        if (layout->columns[c].type == IG_TEXT) {
            text_scale(list, layout->columns[c].width);
        }
    }
    add_text_scales(list, config, true);
}

static void add_coordinates(ig_datasets *list, const ig_grid *grid)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        ig_variable v = {.name = key->column,
                         .role = IG_ROLE_AXIS,
                         .key = k,
                         .units = key->units,
                         .long_name = key->long_name,
                         .optional = key->later};
        if (!key->column) {
            continue;
        }
        if (key->type == IG_KEY_INTEGER || key->type == IG_KEY_REAL) {
            v.type = key->type == IG_KEY_INTEGER ? IG_STORED_I64 : IG_STORED_F64;
            add(list, v, 0, 0);
        } else {
            v.type = IG_STORED_CHAR;
            v.units = NULL;
            add(list, v, 0, text_scale(list, longest_text(config, k)));
        }
    }
    add(list,
        (ig_variable){.name = "seed",
                      .type = IG_STORED_I64,
                      .role = IG_ROLE_SEED,
                      .units = "1",
                      .long_name = "seed of the task's random numbers"},
        0, 0);
}

static void add_columns(ig_datasets *list, const ig_layout *layout)
{
    for (size_t c = 0; c < layout->n_columns; c++) {
        const ig_column *column = &layout->columns[c];
        size_t second = 0;
        if (column->dimension) {
            second = (size_t)(ig_datasets_find(list, column->dimension) - list->variables);
        } else if (column->type == IG_TEXT) {
            second = text_scale(list, column->width);
        }
        add(list,
            (ig_variable){.name = column->name,
                          .type = ig_stored_of(column->type),
                          .role = IG_ROLE_ROWS,
                          .units = column->type == IG_TEXT ? NULL : column->units,
                          .long_name = column->long_name,
                          .equation = column->equation},
            0, second);
    }
}

static void add_bookkeeping(ig_datasets *list)
{
    static const ig_variable one[] = {
        {.name = IG_STORE_STATE,
         .type = IG_STORED_I8,
         .long_name = "whether the task is done; written last of a row"},
        {.name = IG_STORE_CRC,
         .type = IG_STORED_U32,
         .units = "1",
         .long_name = "CRC-32C of task, results, state and failure (docs/format.md)"},
        {.name = IG_STORE_RANK,
         .type = IG_STORED_I32,
         .units = "1",
         .long_name = "MPI rank that ran the task"},
        {.name = IG_STORE_START,
         .type = IG_STORED_F64,
         .units = "seconds since 1970-01-01 00:00:00",
         .long_name = "time the task was started, UTC"},
        {.name = IG_STORE_SECONDS,
         .type = IG_STORED_F64,
         .units = "s",
         .long_name = "wall time of the task"},
    };
    for (size_t i = 0; i < sizeof one / sizeof *one; i++) {
        ig_variable v = one[i];
        v.role = IG_ROLE_ROWS;
        add(list, v, 0, 0);
    }
    add(list,
        (ig_variable){.name = IG_STORE_FAILURE,
                      .type = IG_STORED_CHAR,
                      .role = IG_ROLE_ROWS,
                      .long_name = "why the task failed; empty for others"},
        0, text_scale(list, IG_ROW_ERROR));
}

ig_status ig_datasets_root(const ig_grid *grid, const ig_layout *layout, ig_datasets **list,
                           ig_error *error)
{
    size_t n_keys = ig_config_schema(ig_grid_config(grid))->n_keys;
    const bool progress = ig_experiment_of(ig_grid_config(grid))->reports_progress;
    /* task, string256, seed, six of bookkeeping and progress; texts may bring their dimensions. */
    ig_datasets *p = NULL;
    TRY(list_create(10 + layout->n_dimensions + 2 * n_keys + 2 * layout->n_columns, &p, error));
    add_scales(p, grid, layout);
    add_coordinates(p, grid);
    add_columns(p, layout);
    add_bookkeeping(p);
    if (progress) {
        add(p,
            (ig_variable){.name = IG_STORE_PROGRESS,
                          .type = IG_STORED_F32,
                          .role = IG_ROLE_ROWS,
                          .units = "1",
                          .long_name = "share of the task that was done when it last told",
                          .optional = true},
            0, 0);
    }
    *list = p;
    return IG_OK;
}

/** A column of text among the sessions. */
static void add_text(ig_datasets *list, const char *name, size_t width, const char *long_name,
                     bool optional)
{
    const size_t scale = text_scale(list, width);
    const ig_variable v = {.name = name,
                           .type = IG_STORED_CHAR,
                           .role = IG_ROLE_ROWS,
                           .long_name = long_name,
                           .optional = optional};
    add(list, v, 0, scale);
}

ig_status ig_datasets_sessions(bool plugin, bool inputs, ig_datasets **list, ig_error *error)
{
    static const ig_variable one[] = {
        {.name = "begin",
         .type = IG_STORED_F64,
         .units = "seconds since 1970-01-01 00:00:00",
         .long_name = "time the session began, UTC"},
        {.name = "end",
         .type = IG_STORED_F64,
         .units = "seconds since 1970-01-01 00:00:00",
         .long_name = "time it ended, UTC; missing while it runs and when it was killed"},
        {.name = "ranks", .type = IG_STORED_I32, .units = "1", .long_name = "MPI ranks"},
        {.name = "exit_code",
         .type = IG_STORED_I32,
         .units = "1",
         .long_name = "exit code; -1 while it runs and when it was killed"},
        {.name = "shard",
         .type = IG_STORED_I32,
         .units = "1",
         .long_name = "shard of the grid it worked on: tasks whose number modulo shards is this"},
        {.name = "shards",
         .type = IG_STORED_I32,
         .units = "1",
         .long_name = "shards the grid was divided into; 1: it worked on the whole grid"},
        {.name = IG_STORE_RESULTS,
         .type = IG_STORED_I32,
         .units = "1",
         .long_name = "version of the experiment's results",
         .optional = true},
    };
    enum { N_ONE = sizeof one / sizeof *one, N_TEXTS = 6 };
    ig_datasets *p = NULL;
    TRY(list_create(1 + N_ONE + 2 * N_TEXTS, &p, error));
    add_scale(p, (ig_variable){.name = "run", .type = IG_STORED_F32, .role = IG_ROLE_BARE},
              IG_STORE_SESSIONS);
    static const size_t widths[] = {IG_STORE_HOSTS, IG_STORE_JOB, IG_STORE_VERSION, IG_STORE_ISA};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        /* Only a column that is optional itself has the last width. */
        p->variables[text_scale(p, widths[i])].optional = widths[i] == IG_STORE_ISA;
    }
    if (plugin) {
        text_scale(p, IG_STORE_PLUGIN);
    }
    if (inputs) {
        text_scale(p, IG_STORE_INPUTS);
    }
    for (size_t i = 0; i < N_ONE; i++) {
        ig_variable v = one[i];
        v.role = IG_ROLE_ROWS;
        add(p, v, 0, 0);
    }
    add_text(p, "hosts", IG_STORE_HOSTS, "hosts and their number of ranks", false);
    add_text(p, "job", IG_STORE_JOB, "Slurm job id", false);
    add_text(p, "version", IG_STORE_VERSION, "version of imagrid", true);
    add_text(p, "isa", IG_STORE_ISA, "instruction set of the kernels", true);
    if (plugin) {
        add_text(p, IG_STORE_ORIGIN, IG_STORE_PLUGIN,
                 "plugin of the experiment: name, version, XXH3-128 and path of its file", false);
    }
    if (inputs) {
        add_text(p, IG_STORE_READS, IG_STORE_INPUTS,
                 "input files: key, XXH3-128, bytes and path of each", false);
    }
    *list = p;
    return IG_OK;
}

size_t ig_stored_size(ig_stored type)
{
    static const size_t sizes[] = {
        [IG_STORED_CHAR] = 1, [IG_STORED_I8] = 1,  [IG_STORED_U32] = 4, [IG_STORED_I32] = 4,
        [IG_STORED_I64] = 8,  [IG_STORED_U64] = 8, [IG_STORED_F32] = 4, [IG_STORED_F64] = 8,
    };
    return sizes[type];
}

ig_stored ig_stored_of(ig_type type)
{
    static const ig_stored stored[] = {
        [IG_F32] = IG_STORED_F32, [IG_F64] = IG_STORED_F64,   [IG_I32] = IG_STORED_I32,
        [IG_I64] = IG_STORED_I64, [IG_TEXT] = IG_STORED_CHAR,
    };
    return stored[type];
}

hid_t ig_stored_type(ig_stored type)
{
    /* No constants: each is a variable of HDF5 behind a call that begins the library. */
    const hid_t types[] = {
        [IG_STORED_CHAR] = H5T_C_S1,      [IG_STORED_I8] = H5T_STD_I8LE,
        [IG_STORED_U32] = H5T_STD_U32LE,  [IG_STORED_I32] = H5T_STD_I32LE,
        [IG_STORED_I64] = H5T_STD_I64LE,  [IG_STORED_U64] = H5T_STD_U64LE,
        [IG_STORED_F32] = H5T_IEEE_F32LE, [IG_STORED_F64] = H5T_IEEE_F64LE,
    };
    return types[type];
}

void ig_stored_fill(ig_stored type, unsigned char bytes[8])
{
    static const union {
        float f32;
        double f64;
        int32_t i32;
        int64_t i64;
        unsigned char bytes[8];
    } fills[] = {
        [IG_STORED_I32] = {.i32 = INT32_MIN},
        [IG_STORED_I64] = {.i64 = INT64_MIN},
        [IG_STORED_F32] = {.f32 = NAN},
        [IG_STORED_F64] = {.f64 = (double)NAN},
    };
    memcpy(bytes, fills[type].bytes, 8);
}

void ig_stored_text(const char *text, size_t length, char *padded, size_t size)
{
    size_t from = 0, to = 0;
    memset(padded, 0, size);
    while (from < length && text[from]) {
        /* No character is longer than 4 bytes: what `length` cuts off is none. */
        char next[5] = "";
        memcpy(next, text + from, length - from < 4 ? length - from : 4);
        const size_t n = ig_text_character(next), take = n ? n : 1;
        if (to + take > size) {
            break;
        }
        memcpy(padded + to, n ? next : "?", take);
        from += take;
        to += take;
    }
}
