#include "store/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the file holds little-endian numbers");

const char *ig_variable_name(const ig_variable *variable)
{
    return variable->name ? variable->name : variable->own;
}

const ig_variable *ig_plan_find(const ig_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->n; i++) {
        if (strcmp(ig_variable_name(&plan->variables[i]), name) == 0) {
            return &plan->variables[i];
        }
    }
    return NULL;
}

uint64_t ig_variable_size(const ig_variable *variable)
{
    return (uint64_t)variable->shape[0] * variable->shape[1] * ig_stored_size(variable->type);
}

static ig_plan *plan_create(size_t capacity)
{
    ig_plan *plan = calloc(1, sizeof *plan);
    if (plan) {
        plan->variables = calloc(capacity, sizeof *plan->variables);
    }
    if (plan && !plan->variables) {
        ig_plan_destroy(&plan);
    }
    return plan;
}

void ig_plan_destroy(ig_plan **plan)
{
    if (*plan) {
        free((*plan)->variables);
        free(*plan);
        *plan = NULL;
    }
}

/** Append a dimension; its index. */
static size_t add_scale(ig_plan *plan, ig_variable v, size_t length)
{
    v.scale = true;
    v.n_axes = 1;
    v.axes[0] = plan->n;
    v.shape[0] = length;
    v.shape[1] = 1;
    plan->variables[plan->n] = v;
    return plan->n++;
}

/** The dimension of text of this length, made where it is not there yet. */
static size_t text_scale(ig_plan *plan, size_t length)
{
    ig_variable v = {.type = IG_STORED_F32, .role = IG_ROLE_BARE};
    snprintf(v.own, sizeof v.own, "string%zu", length);
    const ig_variable *there = ig_plan_find(plan, v.own);
    return there ? (size_t)(there - plan->variables) : add_scale(plan, v, length);
}

/** Append a variable over scale `first` and, unless that is `first` too, scale `second`. */
static void add(ig_plan *plan, ig_variable v, size_t first, size_t second)
{
    v.n_axes = second == first ? 1 : 2;
    v.axes[0] = first;
    v.axes[1] = second;
    v.shape[0] = plan->variables[first].shape[0];
    v.shape[1] = second == first ? 1 : plan->variables[second].shape[0];
    plan->variables[plan->n++] = v;
}

/** Longest text of an axis key's values, at least 1. */
static size_t longest_text(const ig_config *config, size_t key)
{
    size_t longest = 1;
    for (size_t i = 0; i < ig_config_count(config, key); i++) {
        size_t length = strlen(ig_config_value(config, key, i)->text);
        longest = length > longest ? length : longest;
    }
    return longest;
}

/** Scales first, since axes are named by index. */
static void add_scales(ig_plan *plan, const ig_grid *grid, const ig_layout *layout)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    add_scale(plan,
              (ig_variable){.name = "task",
                            .type = IG_STORED_I64,
                            .role = IG_ROLE_TASK,
                            .units = "1",
                            .long_name = "number of the task: grid point * seeds + seed's place"},
              ig_grid_n_tasks(grid));
    for (size_t d = 0; d < layout->n_dimensions; d++) {
        const ig_dimension *dimension = &layout->dimensions[d];
        add_scale(plan,
                  (ig_variable){.name = dimension->name,
                                .type = IG_STORED_F64,
                                .role = IG_ROLE_COUNT,
                                .first = dimension->first,
                                .units = dimension->units,
                                .long_name = dimension->long_name},
                  layout->lengths[d]);
    }
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        if (key->column && (key->type == IG_KEY_CHOICE || key->type == IG_KEY_INTERVAL)) {
            text_scale(plan, longest_text(config, k));
        }
    }
    text_scale(plan, IG_ROW_ERROR);
}

static void add_coordinates(ig_plan *plan, const ig_grid *grid)
{
    const ig_config *config = ig_grid_config(grid);
    const ig_schema *schema = ig_config_schema(config);
    for (size_t k = 0; k < schema->n_keys; k++) {
        const ig_key *key = &schema->keys[k];
        ig_variable v = {.name = key->column,
                         .role = IG_ROLE_AXIS,
                         .key = k,
                         .units = key->units,
                         .long_name = key->long_name};
        if (!key->column) {
            continue;
        }
        if (key->type == IG_KEY_INTEGER || key->type == IG_KEY_REAL) {
            v.type = key->type == IG_KEY_INTEGER ? IG_STORED_I64 : IG_STORED_F64;
            add(plan, v, 0, 0);
        } else {
            v.type = IG_STORED_CHAR;
            v.units = NULL;
            add(plan, v, 0, text_scale(plan, longest_text(config, k)));
        }
    }
    add(plan,
        (ig_variable){.name = "seed",
                      .type = IG_STORED_I64,
                      .role = IG_ROLE_SEED,
                      .units = "1",
                      .long_name = "seed of the task's random numbers"},
        0, 0);
}

static void add_columns(ig_plan *plan, const ig_layout *layout)
{
    for (size_t c = 0; c < layout->n_columns; c++) {
        const ig_column *column = &layout->columns[c];
        size_t second = 0;
        if (column->dimension) {
            second = (size_t)(ig_plan_find(plan, column->dimension) - plan->variables);
        }
        add(plan,
            (ig_variable){.name = column->name,
                          .type = ig_stored_of(column->type),
                          .role = IG_ROLE_ROWS,
                          .units = column->units,
                          .long_name = column->long_name,
                          .equation = column->equation},
            0, second);
    }
}

static void add_bookkeeping(ig_plan *plan)
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
        add(plan, v, 0, 0);
    }
    add(plan,
        (ig_variable){.name = IG_STORE_FAILURE,
                      .type = IG_STORED_CHAR,
                      .role = IG_ROLE_ROWS,
                      .long_name = "why the task failed; empty for others"},
        0, text_scale(plan, IG_ROW_ERROR));
}

ig_status ig_plan_root(const ig_grid *grid, const ig_layout *layout, ig_plan **plan,
                       ig_error *error)
{
    size_t n_keys = ig_config_schema(ig_grid_config(grid))->n_keys;
    /* task, string256, seed and six of bookkeeping; a text column may bring its own dimension. */
    ig_plan *p = plan_create(9 + layout->n_dimensions + 2 * n_keys + layout->n_columns);
    if (!p) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the list of datasets");
    }
    add_scales(p, grid, layout);
    add_coordinates(p, grid);
    add_columns(p, layout);
    add_bookkeeping(p);
    *plan = p;
    return IG_OK;
}

ig_status ig_plan_starts(bool plugin, ig_plan **plan, ig_error *error)
{
    static const ig_variable one[] = {
        {.name = "begin",
         .type = IG_STORED_F64,
         .units = "seconds since 1970-01-01 00:00:00",
         .long_name = "time of the start, UTC"},
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
    };
    enum { N_ONE = sizeof one / sizeof *one };
    ig_plan *p = plan_create(N_ONE + 7);
    if (!p) {
        return ig_error_set(error, IG_ERR_MEMORY, "no memory for the list of datasets");
    }
    size_t run =
        add_scale(p, (ig_variable){.name = "run", .type = IG_STORED_F32, .role = IG_ROLE_BARE},
                  IG_STORE_STARTS);
    size_t hosts = text_scale(p, IG_STORE_HOSTS), job = text_scale(p, IG_STORE_JOB);
    size_t origin = plugin ? text_scale(p, IG_STORE_PLUGIN) : 0;
    for (size_t i = 0; i < N_ONE; i++) {
        ig_variable v = one[i];
        v.role = IG_ROLE_ROWS;
        add(p, v, run, run);
    }
    ig_variable text = {.type = IG_STORED_CHAR, .role = IG_ROLE_ROWS};
    text.name = "hosts";
    text.long_name = "hosts and their number of ranks";
    add(p, text, run, hosts);
    text.name = "job";
    text.long_name = "Slurm job id";
    add(p, text, run, job);
    if (plugin) {
        text.name = IG_STORE_ORIGIN;
        text.long_name = "plugin of the experiment: name, version, XXH3-128 and path of its file";
        add(p, text, run, origin);
    }
    *plan = p;
    return IG_OK;
}
