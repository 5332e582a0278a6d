/** What is in a file, as tables. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/private.h"

/* Columns that a terminal shows; fewer episodes than this are few to hold some out. */
enum { SHOWN = 60, FEW = 20 };

static const char *const ends[] = {"terminal", "time-out", "unmarked"};

static ig_table *add(ig_tables *tables, const char *name, const char *title,
                     const ig_table_column *columns, size_t n)
{
    ig_table *t = ig_tables_add(tables, name, "%s", title);
    t->file = name;
    ig_table_columns(t, columns, n);
    return t;
}

static void add_file(const ig_data *data, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {"layout", "layout", "layout of the file", .type = IG_CELL_TEXT},
        {"episodes", "episodes", "episodes", .type = IG_CELL_COUNT},
        {"rows", "rows", "steps: a state and an action each", .type = IG_CELL_COUNT},
        {"transitions", "transitions", "rows whose next state is known", .type = IG_CELL_COUNT},
        {"labels", "labels", "rows with a reward", .type = IG_CELL_COUNT},
        {"state", "state", "numbers that make a state", .type = IG_CELL_COUNT},
        {"action", "action", "numbers that make an action, one for each choice",
         .type = IG_CELL_COUNT},
        {"actions", "actions", "numbers or choices", .type = IG_CELL_TEXT},
        {"memory", NULL, "memory that the loaded file takes", .units = "byte",
         .type = IG_CELL_COUNT},
        {NULL, "memory", NULL, .type = IG_CELL_TEXT},
    };
    const ig_data_info *info = &data->info;
    char title[IG_SANITIZED_TEXT];
    ig_table *t = add(tables, "file", ig_text_sanitized(data->path, title), columns,
                      sizeof columns / sizeof *columns);
    ig_table_text(t, "%s", ig_data_formats[info->format]);
    ig_table_counts(t, 6, info->n_episodes, info->n_rows, info->n_transitions, info->n_labels,
                    info->state, info->action);
    ig_table_text(t, "%s", info->discrete ? "choices" : "numbers");
    ig_table_count(t, ig_data_bytes(data));
    ig_table_text(t, "%.4g MB", (double)ig_data_bytes(data) / 1e6);
    if (info->n_transitions == info->n_rows) {
        ig_table_note(t, "Every row gives a transition: the file has the state that follows it.");
    } else {
        ig_table_note(t, "The last row of an episode gives a reward, but no transition: the state "
                         "that follows it is not in the file.");
    }
}

static void add_dataset(ig_table *t, const char *role, const ig_data_field *field)
{
    ig_table_text(t, "%s", role);
    ig_table_text(t, "%s", field->name);
    ig_table_text(t, "%s", field->type);
    ig_table_count(t, field->columns);
}

static void add_datasets(const ig_data *data, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {"role", "role", "what the rows take from it", .type = IG_CELL_TEXT},
        {"dataset", "dataset", "name, within its episode's group", .type = IG_CELL_TEXT},
        {"type", "type", "type of its numbers", .type = IG_CELL_TEXT},
        {"columns", "columns", "numbers a row", .type = IG_CELL_COUNT},
    };
    static const char *const roles[] = {"state", "action", "next state", "reward"};
    ig_table *t = add(tables, "datasets", "Datasets", columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < data->n_parts; i++) {
        add_dataset(t, roles[data->parts[i].role], &data->parts[i].field);
    }
}

static int by_size(const void *one, const void *other)
{
    const uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;
    return a < b ? -1 : a > b;
}

static void add_lengths(ig_table *t, const char *what, uint64_t *lengths, size_t n)
{
    size_t rows = 0;
    qsort(lengths, n, sizeof *lengths, by_size);
    for (size_t i = 0; i < n; i++) {
        rows += lengths[i];
    }
    ig_table_text(t, "%s", what);
    ig_table_counts(t, 2, n, rows);
    const size_t middle = n / 2, before = (n - 1) / 2;
    ig_table_reals(t, 3, (double)lengths[0],
                   ((double)lengths[before] + (double)lengths[middle]) / 2, (double)lengths[n - 1]);
}

static ig_status add_episodes(const ig_data *data, ig_tables *tables, ig_error *error)
{
    static const ig_table_column columns[] = {
        {"end", "end", "how episodes end", .type = IG_CELL_TEXT},
        {"episodes", "episodes", "episodes", .type = IG_CELL_COUNT},
        {"rows", "rows", "their rows", .type = IG_CELL_COUNT},
        {"shortest", "shortest", "rows of the shortest", .show = IG_SHOW_SHORT},
        {"median", "median", "median of the rows", .show = IG_SHOW_SHORT},
        {"longest", "longest", "rows of the longest", .show = IG_SHOW_SHORT},
    };
    const ig_data_info *info = &data->info;
    AUTO_FREE uint64_t *lengths = NULL;
    TRY(IG_ALLOC(lengths, info->n_episodes, error));
    ig_table *t = add(tables, "episodes", "Episodes", columns, sizeof columns / sizeof *columns);
    for (size_t end = 0; end <= IG_DATA_OPEN + 1; end++) {
        size_t n = 0;
        for (size_t i = 0; i < info->n_episodes; i++) {
            if (info->episodes[i].end == end || end > IG_DATA_OPEN) {
                lengths[n++] = info->episodes[i].length;
            }
        }
        if (n > 0) {
            add_lengths(t, end > IG_DATA_OPEN ? "all" : ends[end], lengths, n);
        }
    }
    return IG_OK;
}

/* ---- columns ---- */

/** A field's name as a person would give it: of a dictionary the key. */
static const char *key_of(const ig_data_info *info, const ig_data_field *field)
{
    const bool groups = info->format == IG_DATA_MINARI || info->format == IG_DATA_ROBOMIMIC;
    const char *slash = groups ? strchr(field->name, '/') : NULL;
    return slash ? slash + 1 : field->name;
}

/** Name of a column of s and a: "observations[3]", or "actions = 2" of a choice. */
static void name_column(const ig_data_info *info, size_t column, char text[IG_DATA_NAME + 32])
{
    const bool state = column < info->state;
    const ig_data_field *field = state ? info->observations : info->actions;
    size_t at = state ? column : column - info->state;
    if (!state && info->discrete) {
        snprintf(text, IG_DATA_NAME + 32, "%s = %zu", key_of(info, field), at);
        return;
    }
    while (at >= field->columns) {
        at -= field->columns;
        field++;
    }
    snprintf(text, IG_DATA_NAME + 32, field->columns > 1 ? "%s[%zu]" : "%s", key_of(info, field),
             at);
}

static bool is_constant(const ig_data_column *c)
{
    return c->low >= c->high;
}

static void add_columns(const ig_data *data, const ig_data_summary *s, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {"column", "column", "column of the state or the action", .type = IG_CELL_TEXT},
        {"role", NULL, "state or action", .type = IG_CELL_TEXT},
        {"min", "min", "smallest number", .show = IG_SHOW_PLAIN},
        {"mean", "mean", "mean", .show = IG_SHOW_PLAIN},
        {"sd", "sd", "standard deviation", .show = IG_SHOW_PLAIN},
        {"max", "max", "largest number", .show = IG_SHOW_PLAIN},
        {NULL, "", NULL, .type = IG_CELL_TEXT},
    };
    const ig_data_info *info = &data->info;
    ig_table *t = add(tables, "ranges", "Columns", columns, sizeof columns / sizeof *columns);
    const size_t n = info->state + info->action;
    t->detail = n > SHOWN;
    for (size_t i = 0; i < n; i++) {
        char name[IG_DATA_NAME + 32];
        const ig_data_column *c = &s->columns[i];
        name_column(info, i, name);
        ig_table_text(t, "%s", name);
        ig_table_text(t, "%s", i < info->state ? "state" : "action");
        ig_table_reals(t, 4, c->low, c->mean, c->sd, c->high);
        ig_table_text(t, "%s", is_constant(c) ? "constant" : "");
    }
}

static ig_table *add_rewards(const ig_data *data, const ig_data_summary *s, ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {"min", "min", "smallest reward", .show = IG_SHOW_PLAIN},
        {"q05", "5 %", "quantile 0.05", .show = IG_SHOW_PLAIN},
        {"q25", "25 %", "quantile 0.25", .show = IG_SHOW_PLAIN},
        {"median", "median", "median", .show = IG_SHOW_PLAIN},
        {"q75", "75 %", "quantile 0.75", .show = IG_SHOW_PLAIN},
        {"q95", "95 %", "quantile 0.95", .show = IG_SHOW_PLAIN},
        {"max", "max", "largest reward", .show = IG_SHOW_PLAIN},
        {"mean", "mean", "mean", .show = IG_SHOW_PLAIN},
        {"sd", "sd", "standard deviation", .show = IG_SHOW_PLAIN},
        {"zeros", NULL, "share of rewards that are 0", .units = "1"},
        {NULL, "zeros", NULL, .type = IG_CELL_TEXT},
    };
    const ig_data_column *c = &s->columns[s->n_columns - 1];
    const double zeros = (double)s->zero_rewards / (double)data->info.n_rows;
    ig_table *t = add(tables, "rewards", "Rewards", columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < IG_DATA_QUANTILES; i++) {
        ig_table_real(t, s->rewards[i]);
    }
    ig_table_reals(t, 3, c->mean, c->sd, zeros);
    ig_table_text(t, "%.3g %%", 100 * zeros);
    return t;
}

/* ---- warnings ---- */

/** A row of a table for files, and a note below the last table that is displayed. */
typedef struct warnings {
    ig_table *table, *displayed;
} warnings;

__attribute__((format(printf, 2, 3))) static void warn(const warnings *w, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ig_table_text(w->table, "%s", text);
    ig_table_note(w->displayed, "Warning: %s.", text);
}

/** Columns that are constant, or whose spread a float32 hardly tells. */
static void warn_of_columns(const ig_data_info *info, const ig_data_summary *s, const warnings *w)
{
    char constant[256] = "", coarse[256] = "", name[IG_DATA_NAME + 32];
    for (size_t i = 0; i < info->state + info->action; i++) {
        const ig_data_column *c = &s->columns[i];
        name_column(info, i, name);
        if (is_constant(c)) {
            ig_text_list(constant, sizeof constant, name);
        } else if (c->sd < 1e-5 * fabs(c->mean)) {
            ig_text_list(coarse, sizeof coarse, name);
        }
    }
    if (constant[0]) {
        warn(w, "constant: %s", constant);
    }
    if (coarse[0]) {
        warn(w, "a float32 has few digits left for what varies in: %s; subtract an offset", coarse);
    }
}

static void warn_of_actions(const ig_data_info *info, const ig_data_summary *s, const warnings *w)
{
    double low = 0, high = 0;
    for (size_t i = info->state; i < info->state + info->action; i++) {
        low = s->columns[i].low < low ? s->columns[i].low : low;
        high = s->columns[i].high > high ? s->columns[i].high : high;
    }
    if (low < -1 || high > 1) {
        warn(w, "actions reach from %.4g to %.4g, beyond -1 and 1", low, high);
    }
}

static void find_warnings(const ig_data *data, const ig_data_summary *s, const warnings *w)
{
    const ig_data_info *info = &data->info;
    const ig_data_column *rewards = &s->columns[s->n_columns - 1];
    if (!info->timeouts && info->format == IG_DATA_D4RL) {
        warn(w, "time-outs are not marked: an episode that ran into one goes on with rows of the "
                "next, unless episode_length says where");
    }
    if (info->n_left_out > 0) {
        warn(w, "%zu rows belong to no episode and are left out", info->n_left_out);
    }
    if (info->n_transitions == 0) {
        warn(w, "no row gives a transition: all episodes have one row");
    }
    if (info->n_episodes == 1) {
        warn(w, "one episode cannot be held out and trained on");
    } else if (info->n_episodes < FEW) {
        warn(w, "%zu episodes are few: whole episodes are held out", info->n_episodes);
    }
    warn_of_columns(info, s, w);
    warn_of_actions(info, s, w);
    if (is_constant(rewards)) {
        warn(w, "all rewards are %.4g: there is nothing to learn about them", rewards->low);
    }
    if (s->duplicates > 0) {
        warn(w,
             "%zu rows (%.3g %%) repeat an earlier one; held out and trained on, they hide "
             "errors",
             s->duplicates, 100 * (double)s->duplicates / (double)info->n_rows);
    }
}

static void add_warnings(const ig_data *data, const ig_data_summary *s, ig_table *displayed,
                         ig_tables *tables)
{
    static const ig_table_column columns[] = {
        {"warning", "warning", "what to know before the data are used", .type = IG_CELL_TEXT}};
    const warnings w = {add(tables, "warnings", "Warnings", columns, 1), displayed};
    w.table->hidden = true;
    find_warnings(data, s, &w);
}

ig_status ig_data_tables(const ig_data *data, const ig_data_summary *summary, ig_tables *tables,
                         ig_error *error)
{
    add_file(data, tables);
    add_datasets(data, tables);
    TRY(add_episodes(data, tables, error));
    add_columns(data, summary, tables);
    ig_table *last = add_rewards(data, summary, tables);
    add_warnings(data, summary, last, tables);
    return ig_tables_status(tables, error);
}
