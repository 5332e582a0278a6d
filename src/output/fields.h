/** The numbers of a statistic and of a fit, by name: one list for every output. */
#ifndef IMAGRID_REPORT_FIELDS_H
#define IMAGRID_REPORT_FIELDS_H

#include "results/report.h"

typedef struct ig_field {
    const char *name;
    size_t offset; /**< of the double in the struct */
    const char *long_name;

} ig_field;

enum { IG_STATISTICS_FIELDS = 10, IG_FIT_FIELDS = 9, IG_WHOLE_FIELDS = 6 };

extern const ig_field ig_statistics_fields[IG_STATISTICS_FIELDS]; /**< of ig_statistics */
extern const ig_field ig_fit_fields[IG_FIT_FIELDS];               /**< of ig_power_law */
extern const ig_field ig_whole_fields[IG_WHOLE_FIELDS]; /**< likewise, whole seeds resampled */

/** The field's number in *statistics or *law. */
double ig_field_of_statistics(const ig_field *field, const ig_statistics *statistics);
double ig_field_of_law(const ig_field *field, const ig_power_law *law);

#endif
