/** Which episodes are held out, and which rows are drawn from the others. */
#include <math.h>
#include <stdlib.h>

#include "base/try.h"
#include "experiments/dataset.h"

void ig_split_clear(ig_split *split)
{
    free(split->held_out);
    *split = (ig_split){0};
}

/** Rows of an episode that can be used so. */
static size_t rows_of(const ig_data_episode *e, ig_sample_kind kind)
{
    return (size_t)e->length - (kind == IG_SAMPLE_TRANSITION && !e->whole ? 1 : 0);
}

static void count(ig_split *s)
{
    for (size_t e = 0; e < s->n_episodes; e++) {
        size_t *to = s->held_out[e] ? s->held : s->rest;
        s->n_held_out += s->held_out[e];
        for (int kind = 0; kind < IG_SAMPLE_KINDS; kind++) {
            to[kind] += rows_of(&s->episodes[e], (ig_sample_kind)kind);
        }
    }
}

/** Episodes that are the first of their content, in random order. */
static ig_status shuffle(size_t n, const uint32_t *same, ig_rng *rng, uint32_t **order,
                         size_t *n_order, ig_error *error)
{
    AUTO_FREE uint32_t *firsts = NULL, *places = NULL;
    size_t m = 0;
    TRY(IG_ALLOC(firsts, n, error));
    for (size_t e = 0; e < n; e++) {
        if (!same || same[e] == e) {
            firsts[m++] = (uint32_t)e;
        }
    }
    TRY(IG_ALLOC(places, m, error));
    TRY(IG_ALLOC(*order, m, error));
    ig_rng_permutation(rng, (uint32_t)m, places);
    for (size_t i = 0; i < m; i++) {
        (*order)[i] = firsts[places[i]];
    }
    *n_order = m;
    return IG_OK;
}

ig_status ig_split_make(const ig_data_episode *episodes, size_t n, const uint32_t *same,
                        double share, ig_rng *rng, ig_split *split, ig_error *error)
{
    AUTO(ig_split_clear) ig_split s = {.episodes = episodes, .n_episodes = n};
    AUTO_FREE uint32_t *order = NULL;
    size_t m = 0;
    TRY(IG_ALLOC(s.held_out, n, error));
    TRY(shuffle(n, same, rng, &order, &m, error));
    if (m < 2) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "whole episodes are held out, but there %s (episode_length cuts "
                            "episodes that are not marked)",
                            n < 2 ? "is one only" : "are only copies of one");
    }
    const double wanted = fmin(fmax(round(share * (double)m), 1), (double)(m - 1));
    for (size_t i = 0; i < (size_t)wanted; i++) {
        s.held_out[order[i]] = true;
    }
    for (size_t e = 0; same && e < n; e++) {
        s.held_out[e] = s.held_out[same[e]];
    }
    count(&s);
    *split = s;
    s = (ig_split){0};
    return IG_OK;
}

/** Append the rows of an episode, as long as there is room. */
static size_t put_rows(const ig_data_episode *e, ig_sample_kind kind, size_t room, uint32_t *to)
{
    const size_t there = rows_of(e, kind), n = there < room ? there : room;
    for (size_t i = 0; i < n; i++) {
        to[i] = (uint32_t)(e->first + i);
    }
    return n;
}

ig_status ig_split_rows(const ig_split *split, bool held_out, ig_sample_kind kind, uint32_t **rows,
                        ig_error *error)
{
    AUTO_FREE uint32_t *all = NULL;
    const size_t n = held_out ? split->held[kind] : split->rest[kind];
    size_t used = 0;
    TRY(IG_ALLOC(all, n ? n : 1, error));
    for (size_t e = 0; e < split->n_episodes; e++) {
        if (split->held_out[e] == held_out) {
            used += put_rows(&split->episodes[e], kind, n - used, all + used);
        }
    }
    *rows = ig_take(&all);
    return IG_OK;
}

/** The first n of a random order of `all`, in place: what is chosen does not depend on n. */
static void choose(uint32_t *all, size_t n_all, size_t n, ig_rng *rng)
{
    for (size_t i = 0; i < n; i++) {
        const size_t k = i + (size_t)ig_rng_below(rng, n_all - i);
        const uint32_t chosen = all[k];
        all[k] = all[i];
        all[i] = chosen;
    }
}

static ig_status draw_episodes(const ig_split *split, ig_sample_kind kind, size_t n, ig_rng *rng,
                               uint32_t *rows, ig_error *error)
{
    AUTO_FREE uint32_t *order = NULL;
    size_t used = 0;
    TRY(IG_ALLOC(order, split->n_episodes, error));
    ig_rng_permutation(rng, (uint32_t)split->n_episodes, order);
    for (size_t i = 0; i < split->n_episodes && used < n; i++) {
        if (!split->held_out[order[i]]) {
            used += put_rows(&split->episodes[order[i]], kind, n - used, rows + used);
        }
    }
    return IG_OK;
}

ig_status ig_split_draw(const ig_split *split, ig_sample_kind kind, ig_draw draw, size_t n,
                        ig_rng rng, uint32_t **rows, ig_error *error)
{
    AUTO_FREE uint32_t *drawn = NULL;
    if (n > split->rest[kind]) {
        return ig_error_set(error, IG_ERR_USAGE,
                            "%zu %s are more than the %zu that are not held out", n,
                            kind == IG_SAMPLE_LABEL ? "labels" : "transitions", split->rest[kind]);
    }
    if (draw == IG_DRAW_ROWS) {
        TRY(ig_split_rows(split, false, kind, &drawn, error));
        choose(drawn, split->rest[kind], n, &rng);
    } else {
        TRY(IG_ALLOC(drawn, n ? n : 1, error));
        TRY(draw_episodes(split, kind, n, &rng, drawn, error));
    }
    *rows = ig_take(&drawn);
    return IG_OK;
}
