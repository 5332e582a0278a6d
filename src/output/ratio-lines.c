/** The table of ratios, line by line, for CSV and summary.h5. */
#include <math.h>

#include "output/outputs.h"

enum { AT_MOST_ONE, ATTAINED, MINIMUM, PUBLISHED = MINIMUM + 5, MEDIAN_INTERVAL = PUBLISHED + 2 };

const ig_ratio_field ig_ratio_fields[IG_RATIO_NUMBERS] = {
    {"at_most_one", "rows on which the ratio is at most 1"},
    {"attained", "rows on which the ratio is 1, where theory says so"},
    {"minimum", "smallest value"},
    {"q1", "first quartile"},
    {"median", "median"},
    {"q3", "third quartile"},
    {"maximum", "largest value"},
    {"published_median", "published median"},
    {"published_maximum", "published maximum"},
    {"median_low", "lower end, 95 % bootstrap interval of the median"},
    {"median_high", "upper end, 95 % bootstrap interval of the median"},
};

static void put_spread(const ig_spread *s, double *numbers)
{
    numbers[0] = s->minimum;
    numbers[1] = s->q1;
    numbers[2] = s->median;
    numbers[3] = s->q3;
    numbers[4] = s->maximum;
}

size_t ig_ratio_n_lines(const ig_report *report)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_ratios; i++) {
        n += report->ratios[i].n_groups * (1 + report->ratios[i].n_beside);
    }
    return n;
}

ig_ratio_line ig_ratio_line_at(const ig_report *report, size_t i)
{
    const ig_report_ratio *r = report->ratios;
    for (; i >= r->n_groups * (1 + r->n_beside); r++) {
        i -= r->n_groups * (1 + r->n_beside);
    }
    const ig_report_group *g = &r->groups[i % r->n_groups];
    const size_t beside = i / r->n_groups;
    ig_ratio_line line = {.group = g->label, .n = g->n, .failed = g->failed, .missing = g->missing};
    for (size_t k = 0; k < IG_RATIO_NUMBERS; k++) {
        line.numbers[k] = (double)NAN;
    }
    if (beside > 0) {
        line.column = r->ratio->beside[beside - 1];
        put_spread(&g->beside[beside - 1], line.numbers + MINIMUM);
        return line;
    }
    line.column = r->ratio->column;
    line.numbers[AT_MOST_ONE] = (double)g->holds;
    line.numbers[ATTAINED] = g->must_attain ? (double)g->attains : (double)NAN;
    put_spread(&g->spread, line.numbers + MINIMUM);
    line.numbers[MEDIAN_INTERVAL] = g->median_low;
    line.numbers[MEDIAN_INTERVAL + 1] = g->median_high;
    line.numbers[PUBLISHED] = g->published_median;
    line.numbers[PUBLISHED + 1] = g->published_maximum;
    return line;
}
