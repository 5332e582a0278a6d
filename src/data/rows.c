/** Layouts with a row a step in datasets of the root: D4RL, and flat with names of one's own. */
#include <stdlib.h>
#include <string.h>

#include "data/private.h"

/** What ends at a row, and whether an episode has it. */
enum { TERMINAL = 1, TIMEOUT = 2, END = 4, TAKEN = 8 };

/** A dataset's name, given or the usual one, which then need not be there. */
typedef struct name {
    const char *text;
    bool there;
} name;

typedef struct reader {
    ig_data *data;
    const ig_data_options *options;
    name next, terminals, timeouts, ends, lengths, offsets;
    const char *states; /**< of the first observations, for messages */
    size_t n;           /**< rows */
    unsigned char *marks;
} reader;

static ig_status find_name(const reader *r, const char *given, const char *usual, name *found,
                           ig_error *error)
{
    ig_data_kind kind;
    found->text = given ? given : usual;
    TRY(ig_data_look(r->data->file, found->text, &kind, error));
    found->there = kind != IG_DATA_NOTHING;
    return given && !found->there
               ? ig_error_set(error, IG_ERR_CONFIG, "there is no dataset %s", given)
               : IG_OK;
}

static ig_status find_names(reader *r, ig_error *error)
{
    const ig_data_options *o = r->options;
    const bool flat = r->data->info.format == IG_DATA_FLAT;
    TRY(find_name(r, flat ? o->next_observations : NULL, "next_observations", &r->next, error));
    TRY(find_name(r, flat ? o->terminals : NULL, "terminals", &r->terminals, error));
    TRY(find_name(r, flat ? o->timeouts : NULL, "timeouts", &r->timeouts, error));
    if (flat) {
        TRY(find_name(r, o->episode_ends, "episode_ends", &r->ends, error));
        TRY(find_name(r, o->ep_len, "ep_len", &r->lengths, error));
        TRY(find_name(r, o->ep_offset, "ep_offset", &r->offsets, error));
    }
    return IG_OK;
}

/** Open one of the datasets of the row; the first says how many rows there are. */
static ig_status add(reader *r, const char *path, ig_data_role role, ig_data_choices *choices,
                     ig_error *error)
{
    AUTO(ig_data_set_close) ig_data_set set = {.id = -1};
    TRY(ig_data_set_open(r->data->file, NULL, path, &set, error));
    TRY(ig_data_check_part(&set, role, error));
    if (r->states) {
        TRY(ig_data_set_expect(&set, r->n, r->states, error));
    } else {
        r->states = path;
        r->n = set.rows;
    }
    TRY(choices ? ig_data_add_choices(r->options, &set, choices, error) : IG_OK);
    return ig_data_add_part(r->data, path, role, &set, error);
}

static ig_status add_parts(reader *r, ig_error *error)
{
    const ig_data_options *o = r->options;
    const bool flat = r->data->info.format == IG_DATA_FLAT;
    ig_data_choices choices = {.possible = true, .high = -1};
    if (o->n_observations == 0) {
        TRY(add(r, "observations", IG_DATA_STATE, NULL, error));
    }
    for (size_t i = 0; i < o->n_observations; i++) {
        TRY(add(r, o->observations[i], IG_DATA_STATE, NULL, error));
    }
    const char *actions = flat && o->actions ? o->actions : "actions";
    TRY(add(r, actions, IG_DATA_ACTION, &choices, error));
    TRY(add(r, flat && o->rewards ? o->rewards : "rewards", IG_DATA_REWARD, NULL, error));
    TRY(r->next.there ? add(r, r->next.text, IG_DATA_NEXT, NULL, error) : IG_OK);
    r->data->info.action = ig_data_n_choices(&choices);
    r->data->info.discrete = r->data->info.action > 0;
    return r->n > 0 ? IG_OK
                    : ig_error_set(error, IG_ERR_CONFIG, "%s has no rows: there are no episodes",
                                   r->states);
}

/* ---- where episodes end ---- */

typedef struct marker {
    unsigned char *marks;
    unsigned char mark;
} marker;

static void mark(void *context, size_t row, double value)
{
    const marker *m = context;
    m->marks[row] = (unsigned char)(m->marks[row] | (value > 0 ? m->mark : 0));
}

/** A dataset of zeros and ones, one a row. */
static ig_status read_marks(const reader *r, const name *of, unsigned char bit, ig_error *error)
{
    AUTO(ig_data_set_close) ig_data_set set = {.id = -1};
    marker m = {r->marks, bit};
    if (!of->there) {
        return IG_OK;
    }
    TRY(ig_data_set_open(r->data->file, NULL, of->text, &set, error));
    TRY(ig_data_set_expect(&set, r->n, r->states, error));
    return ig_data_set_each(&set, 0, 1, mark, &m, error);
}

typedef struct numbers {
    size_t *values;
    size_t n;
} numbers;

static void keep(void *context, size_t row, double value)
{
    ((numbers *)context)->values[row] = (size_t)value;
}

/** A number an episode, from `low` to the number of rows; free list->values. */
static ig_status read_numbers(const reader *r, const char *path, double low, numbers *list,
                              ig_error *error)
{
    AUTO(ig_data_set_close) ig_data_set set = {.id = -1};
    TRY(ig_data_set_open(r->data->file, NULL, path, &set, error));
    list->n = set.rows;
    TRY(IG_ALLOC(list->values, set.rows + 1, error));
    return ig_data_set_each(&set, low, (double)r->n, keep, list, error);
}

/** Rows from ... from + length - 1 are an episode of dataset `of`. */
static ig_status take(const reader *r, const char *of, size_t number, size_t from, size_t length,
                      ig_error *error)
{
    if (from > r->n || length > r->n - from) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "%s: episode %zu ends behind row %zu, but %s has %zu", of, number,
                            from + length, r->states, r->n);
    }
    for (size_t i = from; i < from + length; i++) {
        if (r->marks[i] & TAKEN) {
            return ig_error_set(error, IG_ERR_CONFIG,
                                "%s: episode %zu has row %zu, as another episode does", of, number,
                                i);
        }
        r->marks[i] |= TAKEN;
    }
    r->marks[from + length - 1] |= END;
    return IG_OK;
}

static ig_status read_lengths(const reader *r, ig_error *error)
{
    AUTO_FREE size_t *lengths = NULL, *offsets = NULL;
    numbers length = {0}, offset = {0};
    ig_status status = read_numbers(r, r->lengths.text, 1, &length, error);
    lengths = length.values;
    if (!status && r->offsets.there) {
        status = read_numbers(r, r->offsets.text, 0, &offset, error);
        offsets = offset.values;
    }
    TRY(status);
    if (offsets && offset.n != length.n) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s has %zu rows, but %s has %zu",
                            r->offsets.text, offset.n, r->lengths.text, length.n);
    }
    size_t at = 0;
    for (size_t i = 0; i < length.n; i++) {
        at = offsets ? offsets[i] : at;
        TRY(take(r, r->lengths.text, i, at, lengths[i], error));
        at += lengths[i];
    }
    return offsets || at == r->n
               ? IG_OK
               : ig_error_set(error, IG_ERR_CONFIG, "%s adds up to %zu rows, but %s has %zu",
                              r->lengths.text, at, r->states, r->n);
}

/** Marks, a row each; or the row behind each episode's last one. */
static ig_status read_ends(const reader *r, ig_error *error)
{
    AUTO_FREE size_t *ends = NULL;
    numbers end = {0};
    const ig_status status = read_numbers(r, r->ends.text, 0, &end, error);
    ends = end.values;
    TRY(status);
    bool marks = end.n == r->n;
    for (size_t i = 0; i < end.n && marks; i++) {
        marks = ends[i] <= 1;
    }
    if (marks) {
        return read_marks(r, &r->ends, END, error);
    }
    for (size_t i = 0, before = 0; i < end.n; before = ends[i++]) {
        if (ends[i] <= before) {
            return ig_error_set(error, IG_ERR_CONFIG,
                                "%s, row %zu: %zu is not behind the end before, %zu", r->ends.text,
                                i, ends[i], before);
        }
        TRY(take(r, r->ends.text, i, before, ends[i] - before, error));
    }
    return end.n > 0 && ends[end.n - 1] == r->n
               ? IG_OK
               : ig_error_set(error, IG_ERR_CONFIG, "%s ends at row %zu, but %s has %zu",
                              r->ends.text, end.n > 0 ? ends[end.n - 1] : 0, r->states, r->n);
}

/** Whether anything says where an episode ends. */
static ig_status check_ends(const reader *r, ig_error *error)
{
    bool any =
        r->options->episode_length > 0 || r->timeouts.there || r->ends.there || r->lengths.there;
    for (size_t i = 0; i < r->n && !any; i++) {
        any = r->marks[i] & TERMINAL;
    }
    if (any) {
        return IG_OK;
    }
    return ig_error_set(
        error, IG_ERR_CONFIG,
        "episodes cannot be told apart: there are no timeouts%s: give `episode_length`%s",
        r->terminals.there ? ", and no row is terminal" : " and no terminals",
        r->data->info.format == IG_DATA_FLAT ? ", or name a dataset with `episode_ends`, "
                                               "`ep_len`, `terminals` or `timeouts`"
                                             : "");
}

static ig_data_end end_of(unsigned char marks, bool by_length)
{
    return marks & TERMINAL                 ? IG_DATA_TERMINAL
           : (marks & TIMEOUT) || by_length ? IG_DATA_TIMEOUT
                                            : IG_DATA_OPEN;
}

/** Segments and episodes from the marks. */
static ig_status cut(const reader *r, bool listed, ig_error *error)
{
    ig_data *data = r->data;
    const size_t limit = r->options->episode_length;
    size_t start = 0, begun = 0; /* of the segment, of the episode */
    for (size_t i = 0; i < r->n; i++) {
        if (listed && !(r->marks[i] & TAKEN)) {
            data->info.n_left_out++;
            start = begun = i + 1;
            continue;
        }
        const bool by_length = limit > 0 && i + 1 - begun == limit;
        const bool last = i + 1 == r->n || (listed && !(r->marks[i + 1] & TAKEN));
        if ((r->marks[i] & (TERMINAL | TIMEOUT | END)) || by_length || last) {
            TRY(ig_data_add_episode(data, i + 1 - begun, data->info.n_episodes,
                                    end_of(r->marks[i], by_length), r->next.there, error));
            begun = i + 1;
        }
        if (last) {
            const size_t n = i + 1 - start;
            TRY(ig_data_add_segment(data, NULL, n, start, n, error));
        }
    }
    return IG_OK;
}

ig_status ig_data_open_rows(ig_data *data, const ig_data_options *options, ig_error *error)
{
    reader r = {.data = data, .options = options};
    AUTO_FREE unsigned char *marks = NULL;
    TRY(find_names(&r, error));
    TRY(add_parts(&r, error));
    TRY(IG_ALLOC(marks, r.n, error));
    r.marks = marks;
    TRY(read_marks(&r, &r.terminals, TERMINAL, error));
    TRY(read_marks(&r, &r.timeouts, TIMEOUT, error));
    TRY(r.lengths.there ? read_lengths(&r, error) : r.ends.there ? read_ends(&r, error) : IG_OK);
    TRY(check_ends(&r, error));
    data->info.timeouts = r.timeouts.there || options->episode_length > 0;
    return cut(&r, r.lengths.there, error);
}
