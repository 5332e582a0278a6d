#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/try.h"
#include "cli/command.h"
#include "data/data.h"
#include "output/output.h"

enum { KEYS = 256, KEYS_TEXT = 8192 };

typedef struct options {
    ig_data_options read;
    char keys[KEYS_TEXT];    /**< text of --observations, cut at its commas */
    const char *names[KEYS]; /**< the pieces */
    const char *csv, *json;
} options;

static ig_status take_choice(const char *text, const char *const *choices, int *value,
                             ig_error *error)
{
    char list[256] = "", quoted[IG_QUOTE_TEXT];
    for (int i = 0; choices[i]; i++) {
        if (strcmp(text, choices[i]) == 0) {
            *value = i;
            return IG_OK;
        }
        ig_text_list(list, sizeof list, choices[i]);
    }
    return ig_error_set(error, IG_ERR_USAGE, "'%s' is none of %s", ig_text_quote(text, quoted),
                        list);
}

static ig_status take_format(const char *text, void *value, ig_error *error)
{
    int choice;
    TRY(take_choice(text, ig_data_formats, &choice, error));
    *(ig_data_format *)value = (ig_data_format)choice;
    return IG_OK;
}

static ig_status take_discrete(const char *text, void *value, ig_error *error)
{
    int choice;
    TRY(take_choice(text, ig_data_discretes, &choice, error));
    *(ig_data_discrete *)value = (ig_data_discrete)choice;
    return IG_OK;
}

static ig_status take_keys(const char *text, void *value, ig_error *error)
{
    options *o = value;
    const size_t length = strlen(text);
    bool fits = length < sizeof o->keys;
    o->read.n_observations = 0;
    o->read.observations = o->names;
    memcpy(o->keys, text, fits ? length + 1 : 0);
    for (char *rest = o->keys, *key; fits && (key = strsep(&rest, ","));) {
        fits = *key && o->read.n_observations < KEYS;
        if (fits) {
            o->names[o->read.n_observations++] = key;
        }
    }
    return fits ? IG_OK
                : ig_error_set(error, IG_ERR_USAGE, "'%.64s' is no list of 1 to %d names", text,
                               KEYS);
}

static ig_status take_length(const char *text, void *value, ig_error *error)
{
    return ig_parse_count(text, 1, UINT32_MAX, value, error);
}

#define NAME(option, member, help)                                                                 \
    {                                                                                              \
        option, 0, "NAME", ig_take_text, offsetof(options, read.member), help                      \
    }

static const ig_option known[] = {
    IG_OPTION_HEADING("reading:"),
    {"format", 0, "FORMAT", take_format, offsetof(options, read.format),
     "auto, d4rl, minari, robomimic or flat [default: auto]"},
    {"observations", 0, "KEY,...", take_keys, 0,
     "observations that make a state: keys of a dictionary, or datasets of a flat file [default: "
     "all keys; observations]"},
    {"actions-discrete", 0, "WHEN", take_discrete, offsetof(options, read.actions_discrete),
     "whether actions are choices, a column each: auto, yes or no [default: auto, where they are "
     "one column of integers from 0]"},
    {"episode-length", 0, "N", take_length, offsetof(options, read.episode_length),
     "an episode ends after N rows, for files that do not mark time-outs"},
    {"filter", 0, "NAME", ig_take_text, offsetof(options, read.filter),
     "robomimic: only the episodes of mask/NAME"},
    IG_OPTION_HEADING("datasets of a flat file, each by default the option's name with _ for -:"),
    NAME("actions", actions, "actions"),
    NAME("rewards", rewards, "rewards"),
    NAME("next-observations", next_observations, "states that follow"),
    NAME("terminals", terminals, "1 where an episode ends as its task does"),
    NAME("timeouts", timeouts, "1 where an episode is cut short"),
    NAME("episode-ends", episode_ends,
         "1 where an episode ends, or for each episode the row behind its last one"),
    NAME("ep-len", ep_len, "rows of each episode"),
    NAME("ep-offset", ep_offset, "first row of each episode"),
    IG_OPTION_HEADING("output:"),
    {"json", 0, "FILE.json", ig_take_text, offsetof(options, json),
     "write the tables as one JSON object"},
    {"csv", 0, "DIR", ig_take_text, offsetof(options, csv), "write every table as DIR/NAME.csv"},
    IG_OPTIONS_END};

static ig_status show(const char *path, const options *o, ig_error *error)
{
    AUTO(ig_data_close) ig_data *data = NULL;
    AUTO(ig_data_summary_clear) ig_data_summary summary = {0};
    AUTO(ig_tables_clear) ig_tables tables = {0};
    AUTO(ig_facts_clear) ig_facts facts = {0};
    TRY(ig_data_open(path, &o->read, &data, error));
    TRY(ig_data_summarise(data, &summary, error));
    TRY(ig_data_tables(data, &summary, &tables, error));
    TRY(ig_facts_text(&facts, "file", path, error));
    TRY(ig_output_text(&tables, stdout, error));
    TRY(o->json ? ig_output_json(&tables, &facts, o->json, error) : IG_OK);
    return o->csv ? ig_output_csv(&tables, o->csv, error) : IG_OK;
}

static int data(int argc, char **argv)
{
    options o = {0};
    ig_error error = {0};
    size_t n;
    const int code = ig_command_parse(&ig_command_data, argc, argv, false, &o, &n);
    if (code >= 0) {
        return code;
    }
    if (show(argv[1], &o, &error)) {
        fprintf(stderr, "imagrid: %s\n", error.text);
    }
    return ig_status_exit_code(error.status);
}

const ig_command ig_command_data = {
    .name = "data",
    .summary = "show what is in an HDF5 file of episodes",
    .usage = "imagrid data FILE [options]",
    .about = "Shows what is in a file of episodes (D4RL, Minari, robomimic, or datasets under "
             "names of your own): layout, episodes and how they end, states, actions and rewards "
             "with their ranges, how many transitions and reward labels they give, and what is "
             "worth knowing before models are trained on them. Every number is read and checked.",
    .operand = "file of episodes",
    .operands_min = 1,
    .operands_max = 1,
    .options = known,
    .examples = "imagrid data hopper_medium-v2.hdf5\n"
                "imagrid data low_dim.hdf5 --filter train --observations object,robot0_eef_pos\n"
                "imagrid data mine.h5 --format flat --observations state --ep-len ep_len",
    .exit_codes = "0 the file can be used\n"
                  "2 invalid arguments, or content that cannot be used\n"
                  "4 the file cannot be read, is damaged or is no HDF5 file",
    .main = data,
};
