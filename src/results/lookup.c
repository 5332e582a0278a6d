/** What others look up in a report: random numbers, columns, published figures. */
#include <math.h>
#include <string.h>

#include "results/report.h"

ig_rng ig_report_rng(const ig_report *report, uint64_t cell)
{
    ig_rng_key key = ig_rng_key_make(report->experiment->schema.experiment, 0);
    return ig_rng_start(key, IG_STREAM_BOOTSTRAP, cell);
}

ig_rng ig_report_block_rng(const ig_report *report, ig_report_block block, size_t cell)
{
    return ig_report_rng(report, (size_t)block << 56 | cell);
}

const ig_statistics ig_no_statistics = {
    .mean = (double)NAN,
    .sem = (double)NAN,
    .mean_low = (double)NAN,
    .mean_high = (double)NAN,
    .median = (double)NAN,
    .median_low = (double)NAN,
    .median_high = (double)NAN,
    .iqm = (double)NAN,
    .iqm_low = (double)NAN,
    .iqm_high = (double)NAN,
};

const ig_column *ig_report_column(const ig_report *report, size_t column)
{
    const ig_layout *layout = ig_store_layout(report->store);
    return &layout->columns[ig_layout_column(layout, report->rows.columns[column])];
}

const ig_statistics *ig_report_at(const ig_report *report, size_t column, size_t point)
{
    return &report->statistics[column * ig_grid_n_points(report->grid) + point];
}

ig_status ig_report_find_column(const ig_report *report, const char *name, const char *wanted_by,
                                size_t *column, ig_error *error)
{
    for (size_t c = 0; c < report->rows.n_columns; c++) {
        if (strcmp(report->rows.columns[c], name) == 0) {
            *column = c;
            return IG_OK;
        }
    }
    return ig_error_set(error, IG_ERR_USAGE, "column %s of %s is not among the summarised", name,
                        wanted_by);
}

double ig_report_annotation(const ig_report *report, const char *path)
{
    return path ? ig_config_value(report->config, ig_config_key(report->config, path), 0)->real
                : (double)NAN;
}

ig_published ig_report_published(const ig_report *report, const ig_fit *fit)
{
    ig_published published = {ig_report_annotation(report, fit->published), (double)NAN,
                              (double)NAN};
    if (fit->published_interval) {
        size_t key = ig_config_key(report->config, fit->published_interval);
        const ig_value *value = ig_config_value(report->config, key, 0);
        published.low = value->interval[0];
        published.high = value->interval[1];
    }
    return published;
}
