/** Layouts with a group an episode: Minari and robomimic. */
#include "data/private.h"

ig_status ig_data_open_groups(ig_data *data, const ig_data_options *options, ig_error *error)
{
    (void)data;
    (void)options;
    return ig_error_set(error, IG_ERR_CONFIG, "groups of episodes cannot be read yet");
}

ig_status ig_data_recognise(hid_t file, const ig_data_options *options, ig_data_format *format,
                            ig_error *error)
{
    (void)options;
    (void)error;
    *format = ig_data_kind_of(file, "observations") == IG_DATA_SET ? IG_DATA_D4RL : IG_DATA_MINARI;
    return IG_OK;
}
