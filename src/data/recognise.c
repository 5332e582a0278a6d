/** Names in a file, and which layout they make. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/private.h"

/* Digits of a number that fits into 64 bits. */
enum { DIGITS = 18 };

typedef struct collector {
    const char *prefix;
    ig_data_names *names;
    ig_error *error;
    ig_status status;
} collector;

/** Whether a name is the prefix and a number. */
static bool is_numbered(const char *name, const char *prefix, uint64_t *number)
{
    const size_t skip = strlen(prefix);
    if (strncmp(name, prefix, skip) != 0) {
        return false;
    }
    const char *digits = name + skip;
    const size_t n = strspn(digits, "0123456789");
    *number = n > 0 && n <= DIGITS ? strtoull(digits, NULL, 10) : 0;
    return n > 0 && n <= DIGITS && !digits[n];
}

static herr_t collect(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    collector *c = context;
    ig_data_names *list = c->names;
    uint64_t number = list->n;
    (void)group;
    (void)link;
    if (c->prefix && !is_numbered(name, c->prefix, &number)) {
        return 0;
    }
    c->status = IG_GROW(list->names, list->n + 1, c->error);
    c->status = c->status ? c->status : IG_GROW(list->numbers, list->n + 1, c->error);
    char *copy = c->status ? NULL : ig_strdup(name, c->error);
    if (!copy) {
        c->status = IG_ERR_MEMORY;
        return -1;
    }
    list->names[list->n] = copy;
    list->numbers[list->n++] = number;
    return 0;
}

typedef struct numbered {
    uint64_t number;
    char *name;
} numbered;

static int by_number(const void *one, const void *other)
{
    const numbered *a = one, *b = other;
    return a->number < b->number ? -1 : a->number > b->number;
}

static ig_status sort(ig_data_names *list, ig_error *error)
{
    AUTO_FREE numbered *pairs = NULL;
    TRY(IG_ALLOC(pairs, list->n + 1, error));
    for (size_t i = 0; i < list->n; i++) {
        pairs[i] = (numbered){list->numbers[i], list->names[i]};
    }
    qsort(pairs, list->n, sizeof *pairs, by_number);
    for (size_t i = 0; i < list->n; i++) {
        list->numbers[i] = pairs[i].number;
        list->names[i] = pairs[i].name;
    }
    for (size_t i = 1; i < list->n; i++) {
        if (list->numbers[i] == list->numbers[i - 1]) {
            return ig_error_set(error, IG_ERR_CONFIG, "%s and %s have the same number",
                                list->names[i - 1], list->names[i]);
        }
    }
    return IG_OK;
}

ig_status ig_data_list(hid_t location, const char *prefix, ig_data_names *names, ig_error *error)
{
    AUTO(ig_data_names_clear) ig_data_names found = {0};
    collector c = {prefix, &found, error, IG_OK};
    const herr_t listed = H5Literate(location, H5_INDEX_NAME, H5_ITER_INC, NULL, collect, &c);
    TRY(c.status);
    if (listed < 0) {
        return ig_h5_error(error, IG_ERR_FORMAT, "damaged: the names of a group cannot be read");
    }
    TRY(prefix ? sort(&found, error) : IG_OK);
    *names = found;
    found = (ig_data_names){0};
    return IG_OK;
}

void ig_data_names_clear(ig_data_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->names[i]);
    }
    free(names->names);
    free(names->numbers);
    *names = (ig_data_names){0};
}

/* ---- the layout ---- */

ig_status ig_data_list_episodes(hid_t file, const char *folder, const char *prefix,
                                ig_data_names *names, ig_error *error)
{
    AUTO_HID group = -1;
    ig_data_kind kind = IG_DATA_GROUP;
    const char *path = folder ? folder : "/";
    TRY(folder ? ig_data_look(file, folder, &kind, error) : IG_OK);
    if (kind != IG_DATA_GROUP) {
        return IG_OK;
    }
    TRY(ig_data_open_group(file, path, path, &group, error));
    return ig_data_list(group, prefix, names, error);
}

static ig_status has_episodes(hid_t file, const char *folder, const char *prefix, bool *has,
                              ig_error *error)
{
    AUTO(ig_data_names_clear) ig_data_names names = {0};
    TRY(ig_data_list_episodes(file, folder, prefix, &names, error));
    *has = names.n > 0;
    return IG_OK;
}

/** Whether the root has all of the names; any of them. */
static ig_status has(hid_t file, const char *const *names, bool *all, bool *any, ig_error *error)
{
    *all = true;
    *any = false;
    for (size_t i = 0; names[i]; i++) {
        ig_data_kind kind;
        TRY(ig_data_look(file, names[i], &kind, error));
        *all = *all && kind != IG_DATA_NOTHING;
        *any = *any || kind != IG_DATA_NOTHING;
    }
    return IG_OK;
}

static bool names_any(const ig_data_options *o)
{
    return o->actions || o->rewards || o->next_observations || o->terminals || o->timeouts ||
           o->episode_ends || o->ep_len || o->ep_offset;
}

static ig_status find_formats(hid_t file, const ig_data_options *options, bool is[IG_DATA_FLAT + 1],
                              ig_error *error)
{
    static const char *const all_rows[] = {"observations", "actions", "rewards", NULL},
                             *const any_marks[] = {"terminals", "timeouts", NULL},
                             *const any_ends[] = {"ep_len", "episode_ends", NULL};
    bool rows, marks, ends, other;
    TRY(has(file, all_rows, &rows, &other, error));
    TRY(has(file, any_marks, &other, &marks, error));
    TRY(has(file, any_ends, &other, &ends, error));
    TRY(has_episodes(file, NULL, "episode_", &is[IG_DATA_MINARI], error));
    TRY(has_episodes(file, "data", "demo_", &is[IG_DATA_ROBOMIMIC], error));
    is[IG_DATA_FLAT] = names_any(options) || (rows && ends);
    is[IG_DATA_D4RL] = !names_any(options) && rows && (marks || !ends);
    return IG_OK;
}

/** What there is, for a file that is none of the layouts. */
static ig_status refuse(hid_t file, ig_error *error)
{
    AUTO(ig_data_names_clear) ig_data_names names = {0};
    char there[256] = "", shown[IG_QUOTE_TEXT];
    TRY(ig_data_list(file, NULL, &names, error));
    for (size_t i = 0; i < names.n; i++) {
        ig_text_list(there, sizeof there, ig_text_quote(names.names[i], shown));
    }
    return ig_error_set(error, IG_ERR_CONFIG,
                        "is neither a file of D4RL (observations, actions, rewards, terminals), of "
                        "Minari (groups episode_0, ...) nor of robomimic (groups data/demo_0, "
                        "...): it has %s; name its datasets with `format: flat`",
                        there[0] ? there : "nothing");
}

ig_status ig_data_recognise(hid_t file, const ig_data_options *options, ig_data_format *format,
                            ig_error *error)
{
    bool is[IG_DATA_FLAT + 1] = {false};
    char could[64] = "";
    size_t n = 0;
    TRY(find_formats(file, options, is, error));
    for (int i = IG_DATA_D4RL; i <= IG_DATA_FLAT; i++) {
        if (is[i]) {
            n++;
            *format = (ig_data_format)i;
            ig_text_list(could, sizeof could, ig_data_formats[i]);
        }
    }
    return n == 1 ? IG_OK
           : n == 0
               ? refuse(file, error)
               : ig_error_set(error, IG_ERR_CONFIG,
                              "has more than one layout: say with `format` which of %s", could);
}

/** Options that would be ignored are mistakes. */
ig_status ig_data_check_options(const ig_data_options *options, ig_data_format format,
                                ig_error *error)
{
    const char *name = ig_data_formats[format];
    if (format != IG_DATA_FLAT && names_any(options)) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "names of datasets are for `format: flat`, but this is %s", name);
    }
    if (format != IG_DATA_ROBOMIMIC && options->filter) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "`filter` is for `format: robomimic`, but this is %s", name);
    }
    if ((format == IG_DATA_MINARI || format == IG_DATA_ROBOMIMIC) && options->episode_length) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "`episode_length` is for files that do not mark time-outs, but %s has "
                            "a group an episode",
                            name);
    }
    if (format == IG_DATA_D4RL && options->n_observations > 0) {
        return ig_error_set(error, IG_ERR_CONFIG,
                            "`observations` chooses keys or names datasets, but %s has one dataset "
                            "of that name; `format: flat` takes others",
                            name);
    }
    return IG_OK;
}
