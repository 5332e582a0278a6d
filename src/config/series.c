#include "config/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { LINSPACE, LOGSPACE, RANGE, FORMS };
static const char *const names[FORMS] = {"linspace", "logspace", "range"};

const char ig_series_allowed[] =
    "{linspace: [a, b, n]}, {logspace: [a, b, n]} or {range: [a, b, step]}";

static bool read_spaced(const double numbers[3], ig_series *s, char fault[IG_FAULT_TEXT])
{
    double n = numbers[2];
    if (!(n >= 2 && n <= IG_SERIES_LONGEST) || n > floor(n)) {
        snprintf(fault, IG_FAULT_TEXT, "%s: n is %g and must be a whole number from 2 to %d",
                 names[s->form], n, IG_SERIES_LONGEST);
        return false;
    }
    if (s->form == LOGSPACE && !(s->first > 0 && s->last > 0)) {
        snprintf(fault, IG_FAULT_TEXT,
                 "logspace: a is %g and b is %g, both must be above 0 (the values themselves, not "
                 "exponents)",
                 s->first, s->last);
        return false;
    }
    s->n = (size_t)n;
    s->step = s->form == LOGSPACE ? (log10(s->last) - log10(s->first)) / (n - 1)
                                  : (s->last - s->first) / (n - 1);
    if (!isfinite(s->step)) {
        snprintf(fault, IG_FAULT_TEXT, "linspace: a and b are too far apart");
        return false;
    }
    return true;
}

static bool read_range(const double numbers[3], ig_series *s, char fault[IG_FAULT_TEXT])
{
    s->step = numbers[2];
    if (!(fabs(s->step) > 0)) {
        snprintf(fault, IG_FAULT_TEXT, "range: the step is 0 and must not be");
        return false;
    }
    double steps = (s->last - s->first) / s->step;
    if (steps < 0) {
        snprintf(fault, IG_FAULT_TEXT,
                 "range: a step of %g leads away from b, its sign must be the other", s->step);
        return false;
    }
    /* A hair of slack, so that rounding does not lose the end of 0.1, 0.2, ... */
    double n = floor(steps + 1e-9) + 1;
    if (!(n <= IG_SERIES_LONGEST)) {
        snprintf(fault, IG_FAULT_TEXT, "range: %g values, at most %d may be given", n,
                 IG_SERIES_LONGEST);
        return false;
    }
    s->n = (size_t)n;
    return true;
}

/** Index of the form named by the mapping's only key, FORMS for none. */
static int find_form(const ig_node *mapping)
{
    int form = 0;
    while (form < FORMS &&
           (mapping->n_items != 2 || strcmp(mapping->items[0]->text, names[form]) != 0)) {
        form++;
    }
    return form;
}

bool ig_series_read(const ig_node *mapping, ig_series *series, char fault[IG_FAULT_TEXT])
{
    int form = find_form(mapping);
    if (form == FORMS) {
        char quoted[IG_QUOTE_TEXT];
        snprintf(fault, IG_FAULT_TEXT, "a mapping with %s%s",
                 mapping->n_items == 2 ? "the key " : "not exactly one key",
                 mapping->n_items == 2 ? ig_text_quote(mapping->items[0]->text, quoted) : "");
        return false;
    }
    const ig_node *list = mapping->items[1];
    if (list->kind == IG_NODE_BROKEN) {
        *fault = '\0';
        return false;
    }
    if (list->kind != IG_NODE_LIST || list->n_items != 3) {
        snprintf(fault, IG_FAULT_TEXT, "%s takes a list of three numbers", names[form]);
        return false;
    }
    double numbers[3];
    for (size_t i = 0; i < 3; i++) {
        char inner[IG_FAULT_TEXT];
        if (!ig_number_read(list->items[i], &numbers[i], inner)) {
            /* An empty fault was reported already and stays empty. */
            snprintf(fault, IG_FAULT_TEXT, "%s%s%.200s", *inner ? names[form] : "",
                     *inner ? ": " : "", inner);
            return false;
        }
    }
    ig_series s = {.form = form, .first = numbers[0], .last = numbers[1]};
    if (!(form == RANGE ? read_range : read_spaced)(numbers, &s, fault)) {
        return false;
    }
    *series = s;
    return true;
}

double ig_series_value(const ig_series *series, size_t i)
{
    double value;
    if (i == 0) {
        value = series->first;
    } else if (series->form != RANGE && i == series->n - 1) {
        value = series->last;
    } else if (series->form == LOGSPACE) {
        value = pow(10, log10(series->first) + (double)i * series->step);
    } else {
        value = series->first + (double)i * series->step;
    }
    char text[40];
    snprintf(text, sizeof text, "%.15g", value);
    return strtod(text, NULL);
}
