/** From the datasets to rows s, a, s', r. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "data/private.h"
#include "h5/guard.h"

/** Consecutive rows of one segment. */
typedef struct piece {
    ig_data *data;
    const ig_data_segment *segment;
    size_t first; /**< row of the segment */
    size_t n;
    float *rows;   /**< of the first row, ig_data_width floats each */
    float *buffer; /**< n + 1 rows of the widest part */
} piece;

size_t ig_data_width(const ig_data *data)
{
    return 2 * data->info.state + data->info.action + 1;
}

/** The episode of a row of the block. */
static size_t find_episode(const ig_data *data, size_t row)
{
    size_t low = 0, high = data->info.n_episodes;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (data->episodes[middle].first <= row) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

/** A number at `row` of the segment's datasets that cannot be used. */
static ig_status refuse(const piece *p, const ig_data_set *set, size_t row, size_t column,
                        const char *what, ig_error *error)
{
    const ig_data_segment *s = p->segment;
    /* The observation behind the last step of a segment is that step's. */
    const size_t of = s->first + (row < s->n ? row : s->n - 1);
    const ig_data_episode *e = &p->data->episodes[find_episode(p->data, of)];
    return ig_error_set(error, IG_ERR_CONFIG, "%s, episode %llu, row %llu, column %zu: %s",
                        set->name, (unsigned long long)e->number,
                        (unsigned long long)(s->first + row - e->first), column, what);
}

/** Check n rows of a dataset from `row` of the segment on and put them into the piece's rows. */
static ig_status put(const piece *p, const ig_data_set *set, const float *values, size_t row,
                     size_t column, size_t n, ig_error *error)
{
    const size_t columns = set->columns, width = ig_data_width(p->data);
    for (size_t i = 0; i < n; i++) {
        float *out = p->rows + i * width + column;
        for (size_t c = 0; c < columns; c++) {
            const float value = values[i * columns + c];
            if (!isfinite(value)) {
                return refuse(p, set, row + i, c,
                              isnan(value) ? "is not a number (NaN)"
                                           : "is infinite, or too large for a float32",
                              error);
            }
            out[c] = value;
        }
    }
    return IG_OK;
}

/** The same for choices: a column each. */
static ig_status put_choices(const piece *p, const ig_data_part *part, const ig_data_set *set,
                             ig_error *error)
{
    const size_t width = ig_data_width(p->data), choices = p->data->info.action;
    for (size_t i = 0; i < p->n; i++) {
        const float value = p->buffer[i];
        float *out = p->rows + i * width + part->first;
        if (!(value >= 0 && value < (float)choices) || value != floorf(value)) {
            return refuse(p, set, p->first + i, 0, "is no choice: the file has changed", error);
        }
        for (size_t c = 0; c < choices; c++) {
            out[c] = c == (size_t)value ? 1.0F : 0.0F;
        }
    }
    return IG_OK;
}

/** Next states from the row that follows, as far as the segment has one. */
static ig_status put_states(const piece *p, const ig_data_part *part, const ig_data_set *set,
                            size_t n, ig_error *error)
{
    const ig_data_info *info = &p->data->info;
    const size_t next = info->state + info->action + part->first;
    TRY(put(p, set, p->buffer, p->first, part->first, p->n, error));
    return n > 1 && !info->next_observations
               ? put(p, set, p->buffer + set->columns, p->first + 1, next, n - 1, error)
               : IG_OK;
}

static ig_status read_part(const piece *p, size_t i, ig_error *error)
{
    const ig_data_part *part = &p->data->parts[i];
    const ig_data_set *set = &p->data->sets[i];
    const ig_data_segment *s = p->segment;
    const bool one_more = part->role == IG_DATA_STATE && p->first + p->n < s->states;
    const size_t n = p->n + one_more;
    ig_guard_step(set->burden);
    TRY(ig_data_set_read(set, s->file_row + p->first, n, p->buffer, error));
    if (part->role == IG_DATA_STATE) {
        return put_states(p, part, set, n, error);
    }
    return part->role == IG_DATA_ACTION && p->data->info.discrete
               ? put_choices(p, part, set, error)
               : put(p, set, p->buffer, p->first, part->first, p->n, error);
}

/** Where a row's next state is not known it is NaN. */
static void blank_unknown(const piece *p)
{
    const ig_data_info *info = &p->data->info;
    const size_t start = p->segment->first + p->first, width = ig_data_width(p->data);
    for (size_t e = find_episode(p->data, start); e < info->n_episodes; e++) {
        const ig_data_episode *episode = &info->episodes[e];
        const size_t last = episode->first + episode->length - 1;
        if (last >= start + p->n) {
            break;
        }
        float *next = p->rows + (last - start) * width + info->state + info->action;
        for (size_t c = 0; c < info->state && !episode->whole; c++) {
            next[c] = NAN;
        }
    }
}

/** Open the datasets of a segment, unless they are. */
static ig_status open_segment(ig_data *data, size_t number, ig_error *error)
{
    const ig_data_segment *s = &data->segments[number];
    const bool same_group = data->open != SIZE_MAX && !s->group;
    if (data->open == number || same_group) {
        return IG_OK;
    }
    data->open = SIZE_MAX;
    AUTO_HID group = s->group ? H5Gopen2(data->file, s->group, H5P_DEFAULT) : -1;
    if (s->group && group < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "an episode's group cannot be opened");
    }
    for (size_t i = 0; i < data->n_parts; i++) {
        const ig_data_part *part = &data->parts[i];
        ig_data_set *set = &data->sets[i];
        ig_data_set_close(set);
        TRY(ig_data_set_open(s->group ? group : data->file, s->group, part->path, set, error));
        const size_t rows = part->role == IG_DATA_STATE ? s->states : s->n;
        if (set->columns != part->field.columns || set->rows < s->file_row + rows) {
            return ig_error_set(error, IG_ERR_FORMAT, "%s: the file has changed", set->name);
        }
    }
    data->open = number;
    return IG_OK;
}

static size_t widest(const ig_data *data)
{
    size_t columns = 1;
    for (size_t i = 0; i < data->n_parts; i++) {
        const size_t own = data->parts[i].field.columns;
        columns = own > columns ? own : columns;
    }
    return columns;
}

static ig_status read_segment(ig_data *data, size_t number, size_t first, size_t n, float *rows,
                              float *buffer, size_t step, ig_error *error)
{
    piece p = {data, &data->segments[number], first, 0, rows, buffer};
    TRY(open_segment(data, number, error));
    for (size_t done = 0; done < n; done += p.n) {
        p.first = first + done;
        p.n = n - done < step ? n - done : step;
        p.rows = rows + done * ig_data_width(data);
        for (size_t i = 0; i < data->n_parts; i++) {
            TRY(read_part(&p, i, error));
        }
        blank_unknown(&p);
    }
    return IG_OK;
}

/** The segment of a row. */
static size_t find_segment(const ig_data *data, size_t row)
{
    size_t low = 0, high = data->n_segments;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (data->segments[middle].first <= row) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static ig_status read_rows(ig_data *data, size_t first, size_t n, float *rows, ig_error *error)
{
    const size_t columns = widest(data), most = IG_DATA_PIECE / (columns * sizeof(float));
    const size_t step = most < n ? (most ? most : 1) : n;
    AUTO_FREE float *buffer = NULL;
    TRY(IG_ALLOC(buffer, (step + 1) * columns, error));
    for (size_t at = first; at < first + n;) {
        const size_t number = find_segment(data, at);
        const ig_data_segment *s = &data->segments[number];
        const size_t end = s->first + s->n < first + n ? s->first + s->n : first + n;
        TRY(read_segment(data, number, at - s->first, end - at,
                         rows + (at - first) * ig_data_width(data), buffer, step, error));
        at = end;
    }
    return IG_OK;
}

/** Rows that are read in another process and taken here. */
typedef struct passage {
    ig_data *data;
    size_t first, n, step;
    ig_data_taker *take;
    void *context;
} passage;

static size_t length_of(const passage *p, size_t i)
{
    const size_t done = i * p->step;
    return p->n - done < p->step ? p->n - done : p->step;
}

static ig_status fill(void *context, size_t i, void *memory, ig_error *error)
{
    const passage *p = context;
    return read_rows(p->data, p->first + i * p->step, length_of(p, i), memory, error);
}

static void take(void *context, size_t i, const void *memory)
{
    const passage *p = context;
    p->take(p->context, i * p->step, length_of(p, i), memory);
}

ig_status ig_data_pass(ig_data *data, size_t first, size_t n, ig_data_taker *taker, void *context,
                       ig_error *error)
{
    IG_H5_MUTED;
    char shown[IG_SANITIZED_TEXT];
    const size_t row = ig_data_width(data) * sizeof(float), most = IG_DATA_PIECE / row;
    passage p = {data, first, n, most < n ? most + 1 : n, taker, context};
    if (n == 0) {
        return IG_OK;
    }
    const ig_guarded_pieces pieces = {
        .n = (n - 1) / p.step + 1, .size = p.step * row, .fill = fill, .take = take, .context = &p};
    const ig_status status = ig_guarded_read(&pieces, error);
    if (status) {
        ig_error_context(error, "%s", ig_text_sanitized(data->path, shown));
    }
    return status;
}

/** Where the rows go. */
typedef struct place {
    float *rows;
    size_t width;
} place;

static void copy(void *context, size_t first, size_t n, const float *rows)
{
    const place *to = context;
    memcpy(to->rows + first * to->width, rows, n * to->width * sizeof *rows);
}

ig_status ig_data_read(ig_data *data, size_t first, size_t n, float *rows, ig_error *error)
{
    place to = {rows, ig_data_width(data)};
    return ig_data_pass(data, first, n, copy, &to, error);
}

/* ---- the block ---- */

static uint64_t align(uint64_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static ig_data_block lay_out(const ig_data *data)
{
    const ig_data_info *info = &data->info;
    ig_data_block b = {
        .n_rows = info->n_rows,
        .n_episodes = info->n_episodes,
        .n_transitions = info->n_transitions,
        .n_labels = info->n_labels,
        .state = info->state,
        .action = info->action,
        .width = ig_data_width(data),
    };
    b.rows = align(sizeof b);
    b.flags = b.rows + align(b.n_rows * b.width * sizeof(float));
    b.episode_of = b.flags + align(b.n_rows);
    b.episodes = b.episode_of + align(b.n_rows * sizeof(uint32_t));
    b.bytes = b.episodes + align(b.n_episodes * sizeof(ig_data_episode));
    return b;
}

size_t ig_data_bytes(const ig_data *data)
{
    return lay_out(data).bytes;
}

static void mark_rows(const ig_data *data, const ig_data_block *block, char *start)
{
    unsigned char *flags = (unsigned char *)start + block->flags;
    uint32_t *episode_of = (uint32_t *)(void *)(start + block->episode_of);
    for (size_t i = 0; i < block->n_episodes; i++) {
        const ig_data_episode *e = &data->episodes[i];
        for (size_t k = 0; k < e->length; k++) {
            const bool known = e->whole || k + 1 < e->length;
            flags[e->first + k] =
                (unsigned char)(IG_DATA_HAS_LABEL | (known ? IG_DATA_HAS_TRANSITION : 0));
            episode_of[e->first + k] = (uint32_t)i;
        }
    }
    memcpy(start + block->episodes, data->episodes, block->n_episodes * sizeof *data->episodes);
}

ig_status ig_data_load(ig_data *data, void *memory, ig_error *error)
{
    const ig_data_block block = lay_out(data);
    char *start = memory;
    TRY(ig_data_read(data, 0, block.n_rows, (float *)(void *)(start + block.rows), error));
    mark_rows(data, &block, start);
    memcpy(memory, &block, sizeof block);
    return IG_OK;
}
