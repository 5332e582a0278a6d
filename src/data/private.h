/** What the readers of the layouts share: one dataset with a row a step, and where rows come from.
 */
#ifndef DATA_PRIVATE_H
#define DATA_PRIVATE_H

#include "data/data.h"
#include "h5/h5.h"

/* Limits: bytes that are read at a time, columns of one dataset, choices of an action, and rows,
 * whose episodes are counted in 32 bits. */
enum { IG_DATA_PIECE = 8 << 20, IG_DATA_COLUMNS = 4096, IG_DATA_CHOICES = 1024 };
#define IG_DATA_ROWS ((size_t)UINT32_MAX)

enum { IG_DATA_RANK = 8, IG_DATA_PATH = 512 };
/** An open dataset, whose first axis counts rows. */
typedef struct ig_data_set {
    hid_t id;
    char name[IG_DATA_NAME]; /**< for messages */
    char type[IG_DATA_TYPE];
    bool chunked;
    bool whole;  /**< integers */
    size_t size; /**< bytes of a number */
    int rank;
    hsize_t shape[IG_DATA_RANK];
    size_t rows, columns; /**< columns: product of the other axes */
    size_t burden;        /**< bytes that reading a piece of it may go through */
} ig_data_set;

/** What is at a path of the file or a group; nothing where that is longer than IG_DATA_PATH. */
typedef enum ig_data_kind {
    IG_DATA_NOTHING,
    IG_DATA_SET,
    IG_DATA_GROUP,
    IG_DATA_LINK, /**< soft or external */
    IG_DATA_OTHER
} ig_data_kind;
ig_status ig_data_look(hid_t location, const char *path, ig_data_kind *kind, ig_error *error);
/** Open a group that is there; `name` is for messages. The caller closes it. */
ig_status ig_data_open_group(hid_t location, const char *path, const char *name, hid_t *group,
                             ig_error *error);

/** Open a dataset of numbers that HDF5 can read from this file alone, with at least one axis.
 *  `group` (NULL: none) stands in front of `path` in messages. Close with ig_data_set_close.
 *  IG_ERR_CONFIG. */
ig_status ig_data_set_open(hid_t location, const char *group, const char *path, ig_data_set *set,
                           ig_error *error);
void ig_data_set_close(ig_data_set *set);
/** Read n rows from `first` on into n x columns floats. */
ig_status ig_data_set_read(const ig_data_set *set, size_t first, size_t n, float *values,
                           ig_error *error);
/** IG_ERR_CONFIG where it has other than `rows` rows, those of `of`; other than one column. */
ig_status ig_data_set_expect(const ig_data_set *set, size_t rows, const char *of, ig_error *error);
ig_status ig_data_set_column(const ig_data_set *set, ig_error *error);
/** Read one column of numbers that must be whole and from `low` to `high`, in pieces, and call
 *  `take` with each. */
ig_status ig_data_set_each(const ig_data_set *set, double low, double high,
                           void (*take)(void *context, size_t row, double value), void *context,
                           ig_error *error);
/** "float32, 100 x 84 x 84 x 3". Returns `text`. */
const char *ig_data_set_text(const ig_data_set *set, char text[IG_DATA_NAME]);

/** Names in a location, malloc'd; those that begin with `prefix` and go on as a number, in the
 *  order of that, or all in alphabetical order where it is NULL. */
typedef struct ig_data_names {
    char **names;
    uint64_t *numbers;
    size_t n;
} ig_data_names;
ig_status ig_data_list(hid_t location, const char *prefix, ig_data_names *names, ig_error *error);
/** Those of the root's group `folder` (NULL: the root itself); none where it is not there. */
ig_status ig_data_list_episodes(hid_t file, const char *folder, const char *prefix,
                                ig_data_names *names, ig_error *error);
void ig_data_names_clear(ig_data_names *names);

/** Called with n rows, `first` of those asked for. */
typedef void ig_data_taker(void *context, size_t first, size_t n, const float *rows);
/** Read rows first ... first + n - 1 in pieces, in another process: HDF5 crashes on some damaged
 *  chunks. As ig_data_read. */
ig_status ig_data_pass(ig_data *data, size_t first, size_t n, ig_data_taker *taker, void *context,
                       ig_error *error);

/** Columns of a row that a part fills. */
typedef enum ig_data_role {
    IG_DATA_STATE,
    IG_DATA_ACTION,
    IG_DATA_NEXT,
    IG_DATA_REWARD
} ig_data_role;

/** A dataset, or one of every episode, that fills columns of the rows. */
typedef struct ig_data_part {
    char *path; /**< within the segment's group; owned */
    ig_data_field field;
    ig_data_role role;
    size_t first; /**< column of the row where it begins */
} ig_data_part;

/** Rows that stand together in the same datasets. */
typedef struct ig_data_segment {
    char *group;     /**< NULL: the file's root; owned */
    size_t first;    /**< row of the block */
    size_t n;        /**< rows */
    size_t file_row; /**< of the datasets, where it begins */
    size_t states;   /**< rows of observations from there: n, or n + 1 */
} ig_data_segment;

struct ig_data {
    char *path;
    hid_t file;
    ig_data_info info;
    ig_data_part *parts;
    size_t n_parts;
    ig_data_segment *segments;
    size_t n_segments;
    ig_data_episode *episodes;
    ig_data_field *fields;
    size_t open;       /**< segment whose datasets are open, or SIZE_MAX */
    ig_data_set *sets; /**< n_parts */
};

/** Append a part; its columns and type are those of `set`. */
ig_status ig_data_add_part(ig_data *data, const char *path, ig_data_role role,
                           const ig_data_set *set, ig_error *error);
ig_status ig_data_add_segment(ig_data *data, const char *group, size_t n, size_t file_row,
                              size_t states, ig_error *error);
ig_status ig_data_add_episode(ig_data *data, size_t length, uint64_t number, ig_data_end end,
                              bool whole, ig_error *error);
/** IG_ERR_CONFIG where a dataset cannot fill columns of this role: images, a width. */
ig_status ig_data_check_part(const ig_data_set *set, ig_data_role role, ig_error *error);

/** What all actions have been so far. Start with {.possible = true, .high = -1}. */
typedef struct ig_data_choices {
    bool possible;
    double low, high;
} ig_data_choices;
/** Go through the actions of one dataset, where they may be choices. */
ig_status ig_data_add_choices(const ig_data_options *options, const ig_data_set *set,
                              ig_data_choices *choices, ig_error *error);
/** Number of choices; 0 where they are none. */
size_t ig_data_n_choices(const ig_data_choices *choices);

/** Which layout it is, where the options do not say. */
ig_status ig_data_recognise(hid_t file, const ig_data_options *options, ig_data_format *format,
                            ig_error *error);
/** IG_ERR_CONFIG where an option says what a file of this layout has no use for. */
ig_status ig_data_check_options(const ig_data_options *options, ig_data_format format,
                                ig_error *error);
/* Fill parts, segments, episodes and what the layouts alone know of `info`. */
ig_status ig_data_open_rows(ig_data *data, const ig_data_options *options, ig_error *error);
ig_status ig_data_open_groups(ig_data *data, const ig_data_options *options, ig_error *error);

#endif
