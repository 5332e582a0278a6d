/** Layouts with a group an episode: Minari and robomimic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/private.h"

/* Dictionaries within dictionaries, and their datasets. */
enum { DEPTH = 8, PARTS = 256, PATH = IG_DATA_PATH };

typedef struct layout {
    const char *folder;               /**< group of the episodes, or NULL: the root */
    const char *prefix;               /**< of their names */
    const char *states, *next;        /**< next: NULL: none */
    const char *terminals, *timeouts; /**< timeouts: NULL: none */
    size_t more;                      /**< observations more than steps */
    bool unmarked;                    /**< terminals need not be there */
} layout;

static const layout minari = {
    .prefix = "episode_",
    .states = "observations",
    .terminals = "terminations",
    .timeouts = "truncations",
    .more = 1,
};
static const layout robomimic = {
    .folder = "data",
    .prefix = "demo_",
    .states = "obs",
    .next = "next_obs",
    .terminals = "dones",
    .unmarked = true,
};

typedef struct reader {
    const layout *l;
    ig_data *data;
    const ig_data_options *options;
    ig_data_choices choices;
    hid_t group;      /**< the episode that is being read */
    const char *name; /**< its path */
    uint64_t number;
} reader;

/* ---- what an episode is read from ---- */

static ig_status add_set(reader *r, const char *path, ig_data_role role, ig_error *error)
{
    AUTO(ig_data_set_close) ig_data_set set = {.id = -1};
    if (r->data->n_parts == PARTS) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s has more than %d datasets", r->name, PARTS);
    }
    TRY(ig_data_set_open(r->group, r->name, path, &set, error));
    TRY(ig_data_check_part(&set, role, error));
    return ig_data_add_part(r->data, path, role, &set, error);
}

/** Add a dataset, or all below a group in alphabetical order, or a tuple's in theirs. */
static ig_status add_tree(reader *r, const char *path, ig_data_role role, int depth,
                          ig_error *error)
{
    AUTO(ig_data_names_clear) ig_data_names names = {0};
    AUTO_HID group = -1;
    ig_data_kind kind;
    char below[PATH];
    TRY(ig_data_look(r->group, path, &kind, error));
    if (kind != IG_DATA_GROUP || depth == DEPTH) {
        return add_set(r, path, role, error);
    }
    TRY(ig_data_open_group(r->group, path, r->name, &group, error));
    TRY(ig_data_list(group, "_index_", &names, error));
    if (names.n == 0) {
        TRY(ig_data_list(group, NULL, &names, error));
    }
    for (size_t i = 0; i < names.n; i++) {
        const int length = snprintf(below, sizeof below, "%s/%s", path, names.names[i]);
        if (length < 0 || (size_t)length >= sizeof below) {
            return ig_error_set(error, IG_ERR_CONFIG, "%s: a name is too long", r->name);
        }
        TRY(add_tree(r, below, role, depth + 1, error));
    }
    return names.n > 0 ? IG_OK
                       : ig_error_set(error, IG_ERR_CONFIG, "%s/%s is empty", r->name, path);
}

/** Keys whose datasets could be read, for a person whose file has others, too. */
static void list_keys(reader *r, char *text, size_t size)
{
    AUTO(ig_data_names_clear) ig_data_names names = {0};
    AUTO_HID group = H5Gopen2(r->group, r->l->states, H5P_DEFAULT);
    char path[PATH];
    if (group < 0 || ig_data_list(group, NULL, &names, NULL)) {
        return;
    }
    for (size_t i = 0; i < names.n; i++) {
        AUTO(ig_data_set_close) ig_data_set set = {.id = -1};
        char shown[IG_QUOTE_TEXT];
        ig_data_kind kind;
        snprintf(path, sizeof path, "%s/%s", r->l->states, names.names[i]);
        if (!ig_data_look(r->group, path, &kind, NULL) &&
            (kind == IG_DATA_GROUP || (!ig_data_set_open(r->group, NULL, path, &set, NULL) &&
                                       !ig_data_check_part(&set, IG_DATA_STATE, NULL)))) {
            ig_text_list(text, size, ig_text_quote(names.names[i], shown));
        }
    }
}

static ig_status add_all_states(reader *r, ig_data_kind kind, ig_error *error)
{
    char keys[512] = "";
    const ig_status status = add_tree(r, r->l->states, IG_DATA_STATE, 0, error);
    if (status == IG_ERR_CONFIG && error && kind == IG_DATA_GROUP) {
        list_keys(r, keys, sizeof keys);
        const ig_error cause = *error;
        return ig_error_set(error, status, "%s%s%s%s", cause.text,
                            keys[0] ? "; what can be read is observations: [" : "", keys,
                            keys[0] ? "]" : "");
    }
    return status;
}

static ig_status add_states(reader *r, ig_error *error)
{
    const ig_data_options *o = r->options;
    char path[PATH], shown[IG_QUOTE_TEXT];
    ig_data_kind kind;
    TRY(ig_data_look(r->group, r->l->states, &kind, error));
    if (o->n_observations == 0) {
        return add_all_states(r, kind, error);
    }
    if (kind == IG_DATA_SET) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "%s/%s is one dataset, without keys to choose: leave `observations` "
                            "out",
                            r->name, r->l->states);
    }
    for (size_t i = 0; i < o->n_observations; i++) {
        snprintf(path, sizeof path, "%s/%s", r->l->states, o->observations[i]);
        TRY(ig_data_look(r->group, path, &kind, error));
        if (kind == IG_DATA_NOTHING) {
            char keys[512] = "";
            list_keys(r, keys, sizeof keys);
            return ig_error_set(error, IG_ERR_CONFIG, "%s/%s has no key %s, but %s", r->name,
                                r->l->states, ig_text_quote(o->observations[i], shown),
                                keys[0] ? keys : "nothing that can be read");
        }
        TRY(add_tree(r, path, IG_DATA_STATE, 0, error));
    }
    return IG_OK;
}

/** The next states under the same keys, where the first episode has them. */
static ig_status add_next_states(reader *r, ig_error *error)
{
    const size_t n = r->data->n_parts, skip = strlen(r->l->states);
    ig_data_kind kind = IG_DATA_NOTHING;
    char path[PATH];
    TRY(r->l->next ? ig_data_look(r->group, r->l->next, &kind, error) : IG_OK);
    for (size_t i = 0; i < n && kind != IG_DATA_NOTHING; i++) {
        snprintf(path, sizeof path, "%s%s", r->l->next, r->data->parts[i].path + skip);
        TRY(add_set(r, path, IG_DATA_NEXT, error));
    }
    return IG_OK;
}

static ig_status add_parts(reader *r, ig_error *error)
{
    TRY(add_states(r, error));
    TRY(add_next_states(r, error));
    TRY(add_tree(r, "actions", IG_DATA_ACTION, 0, error));
    return add_set(r, "rewards", IG_DATA_REWARD, error);
}

/* ---- one episode ---- */

/** Rows of an episode are those of its actions; every dataset must fit to them and to the first
 *  episode. */
static ig_status check_part(reader *r, const ig_data_part *part, size_t *steps, ig_error *error)
{
    AUTO(ig_data_set_close) ig_data_set set = {.id = -1};
    TRY(ig_data_set_open(r->group, r->name, part->path, &set, error));
    if (set.columns != part->field.columns) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "%s has %zu numbers a row, but that of the first episode %zu", set.name,
                            set.columns, part->field.columns);
    }
    const size_t more = part->role == IG_DATA_STATE ? r->l->more : 0;
    if (*steps == SIZE_MAX) {
        *steps = set.rows;
    } else if (set.rows != *steps + more) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s has %zu rows, but for %zu actions %zu needed",
                            set.name, set.rows, *steps, *steps + more);
    }
    if (part->role == IG_DATA_ACTION) {
        TRY(ig_data_add_choices(r->options, &set, &r->choices, error));
    }
    return IG_OK;
}

static ig_status check_parts(reader *r, size_t *steps, ig_error *error)
{
    const ig_data *data = r->data;
    *steps = SIZE_MAX;
    for (size_t i = 0; i < data->n_parts; i++) {
        if (data->parts[i].role == IG_DATA_ACTION) {
            TRY(check_part(r, &data->parts[i], steps, error));
        }
    }
    if (*steps == 0) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s has no steps", r->name);
    }
    for (size_t i = 0; i < data->n_parts; i++) {
        if (data->parts[i].role != IG_DATA_ACTION) {
            TRY(check_part(r, &data->parts[i], steps, error));
        }
    }
    return IG_OK;
}

/** Whether the last of an episode's marks is set; the others do not end it, since its group does.
 */
static ig_status read_mark(const reader *r, const char *path, bool optional, size_t steps,
                           bool *set_there, ig_error *error)
{
    AUTO(ig_data_set_close) ig_data_set set = {.id = -1};
    ig_data_kind kind = IG_DATA_NOTHING;
    float last = 0;
    *set_there = false;
    TRY(path ? ig_data_look(r->group, path, &kind, error) : IG_OK);
    if (!path || (optional && kind == IG_DATA_NOTHING)) {
        return IG_OK;
    }
    TRY(ig_data_set_open(r->group, r->name, path, &set, error));
    TRY(ig_data_set_column(&set, error));
    TRY(ig_data_set_expect(&set, steps, "actions", error));
    TRY(ig_data_set_read(&set, steps - 1, 1, &last, error));
    *set_there = last > 0;
    return last == 0 || last == 1
               ? IG_OK
               : ig_error_set(error, IG_ERR_CONFIG, "%s, row %zu: %.9g is not 0 or 1", set.name,
                              steps - 1, (double)last);
}

static ig_status check_samples(const reader *r, size_t steps, ig_error *error)
{
    int64_t samples = (int64_t)steps;
    TRY(ig_h5_get_integer(r->group, "num_samples", &samples, error));
    return samples == (int64_t)steps
               ? IG_OK
               : ig_error_set(error, IG_ERR_CONFIG,
                              "%s: its attribute num_samples is %lld, but it has %zu actions",
                              r->name, (long long)samples, steps);
}

static ig_status add_episode(reader *r, ig_error *error)
{
    ig_data *data = r->data;
    size_t steps;
    bool terminal, timeout;
    TRY(data->n_parts == 0 ? add_parts(r, error) : IG_OK);
    TRY(check_parts(r, &steps, error));
    TRY(r->l == &robomimic ? check_samples(r, steps, error) : IG_OK);
    TRY(read_mark(r, r->l->terminals, r->l->unmarked, steps, &terminal, error));
    TRY(read_mark(r, r->l->timeouts, false, steps, &timeout, error));
    bool next = false;
    for (size_t i = 0; i < data->n_parts; i++) {
        next = next || data->parts[i].role == IG_DATA_NEXT;
    }
    TRY(ig_data_add_segment(data, r->name, steps, 0, steps + r->l->more, error));
    return ig_data_add_episode(data, steps, r->number,
                               terminal  ? IG_DATA_TERMINAL
                               : timeout ? IG_DATA_TIMEOUT
                                         : IG_DATA_OPEN,
                               next || r->l->more > 0, error);
}

/* ---- which episodes ---- */

/** Keep those names of episodes that a list of texts has. */
static ig_status keep_listed(const char *texts, size_t n, size_t width, const char *list,
                             ig_data_names *names, ig_error *error)
{
    AUTO_FREE bool *listed = NULL;
    TRY(IG_ALLOC(listed, names->n + 1, error));
    for (size_t i = 0; i < n; i++) {
        char name[PATH], shown[IG_QUOTE_TEXT];
        snprintf(name, sizeof name, "%.*s", (int)width, texts + i * width);
        size_t k = 0;
        while (k < names->n && strcmp(names->names[k], name) != 0) {
            k++;
        }
        if (k == names->n) {
            return ig_error_set(error, IG_ERR_CONFIG, "mask/%s lists %s, which is not there", list,
                                ig_text_quote(name, shown));
        }
        listed[k] = true;
    }
    size_t kept = 0;
    for (size_t k = 0; k < names->n; k++) {
        if (listed[k]) {
            names->names[kept] = names->names[k];
            names->numbers[kept++] = names->numbers[k];
        } else {
            free(names->names[k]);
        }
    }
    names->n = kept;
    return IG_OK;
}

/** Texts of a dataset, `*width` bytes apart; malloc'd. */
static ig_status read_texts(hid_t set, size_t n, size_t *width, char **texts, ig_error *error)
{
    AUTO_HID type = H5Dget_type(set);
    AUTO_HID memory = H5Tcopy(H5T_C_S1);
    AUTO_FREE char *read = NULL, **pointers = NULL;
    const H5T_class_t kind = type < 0 ? H5T_NO_CLASS : H5Tget_class(type);
    const htri_t variable = kind == H5T_STRING ? H5Tis_variable_str(type) : 0;
    if (kind == H5T_NO_CLASS || variable < 0 || memory < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "cannot be read");
    }
    if (kind != H5T_STRING) {
        return ig_error_set(error, IG_ERR_CONFIG, "is no list of names");
    }
    *width = variable ? PATH : H5Tget_size(type);
    if (*width == 0 || *width > PATH || n > IG_DATA_ROWS / PATH) {
        return ig_error_set(error, IG_ERR_CONFIG, "has too many or too long names");
    }
    TRY(IG_ALLOC(read, n * *width + 1, error));
    TRY(IG_ALLOC(pointers, n + 1, error));
    AUTO_HID space = H5Dget_space(set);
    if (space < 0 || H5Tset_size(memory, variable ? H5T_VARIABLE : *width) < 0 ||
        H5Tset_cset(memory, H5Tget_cset(type)) < 0 ||
        H5Tset_strpad(memory, variable ? H5T_STR_NULLTERM : H5T_STR_NULLPAD) < 0 ||
        H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, variable ? (void *)pointers : read) <
            0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "cannot be read");
    }
    for (size_t i = 0; i < n && variable; i++) {
        snprintf(read + i * *width, *width, "%s", pointers[i] ? pointers[i] : "");
    }
    if (variable && H5Dvlen_reclaim(memory, space, H5P_DEFAULT, pointers) < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "cannot be read");
    }
    *texts = ig_take(&read);
    return IG_OK;
}

static ig_status filter(const reader *r, ig_data_names *names, ig_error *error)
{
    const char *of = r->options->filter;
    char path[PATH], shown[IG_QUOTE_TEXT];
    AUTO_FREE char *texts = NULL;
    ig_data_kind kind;
    size_t width = 0;
    if (!of) {
        return IG_OK;
    }
    snprintf(path, sizeof path, "mask/%s", of);
    ig_text_quote(of, shown);
    TRY(ig_data_look(r->data->file, path, &kind, error));
    if (kind != IG_DATA_SET) {
        return ig_error_set(error, IG_ERR_CONFIG, "there is no filter mask/%s", shown);
    }
    AUTO_HID set = H5Dopen2(r->data->file, path, H5P_DEFAULT);
    AUTO_HID space = set < 0 ? -1 : H5Dget_space(set);
    const hssize_t n = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    if (n < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "mask/%s cannot be opened", shown);
    }
    if (read_texts(set, (size_t)n, &width, &texts, error)) {
        return ig_error_context(error, "mask/%s", shown);
    }
    return keep_listed(texts, (size_t)n, width, shown, names, error);
}

static ig_status read_episode(reader *r, const char *name, ig_error *error)
{
    char path[PATH];
    ig_data_kind kind;
    AUTO_HID group = -1;
    snprintf(path, sizeof path, "%s%s%s", r->l->folder ? r->l->folder : "", r->l->folder ? "/" : "",
             name);
    TRY(ig_data_look(r->data->file, path, &kind, error));
    if (kind != IG_DATA_GROUP) {
        return ig_error_set(error, IG_ERR_CONFIG, "%s is no group of this file", path);
    }
    TRY(ig_data_open_group(r->data->file, path, path, &group, error));
    reader here = *r;
    here.group = group;
    here.name = path;
    TRY(add_episode(&here, error));
    r->choices = here.choices;
    return IG_OK;
}

ig_status ig_data_open_groups(ig_data *data, const ig_data_options *options, ig_error *error)
{
    AUTO(ig_data_names_clear) ig_data_names names = {0};
    reader r = {.l = data->info.format == IG_DATA_MINARI ? &minari : &robomimic,
                .data = data,
                .options = options,
                .choices = {.possible = true, .high = -1}};
    TRY(ig_data_list_episodes(data->file, r.l->folder, r.l->prefix, &names, error));
    if (names.n == 0) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "there are no episodes: no group %s%s%sNUMBER, as %s has them",
                            r.l->folder ? r.l->folder : "", r.l->folder ? "/" : "", r.l->prefix,
                            ig_data_formats[data->info.format]);
    }
    TRY(filter(&r, &names, error));
    for (size_t i = 0; i < names.n; i++) {
        r.number = names.numbers[i];
        TRY(read_episode(&r, names.names[i], error));
    }
    data->info.timeouts = r.l->timeouts != NULL;
    data->info.action = ig_data_n_choices(&r.choices);
    data->info.discrete = data->info.action > 0;
    return IG_OK;
}
