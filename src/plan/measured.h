/** Where the curves come from: a merged summary, or a person's own measurements. */
#ifndef IMAGRID_PLAN_MEASURED_H
#define IMAGRID_PLAN_MEASURED_H

#include "imagrid/config.h"
#include "plan/curve.h"

enum { IG_DYNAMICS, IG_REWARD, IG_KINDS };

/** "dynamics", "reward". */
extern const char *const ig_kind_names[IG_KINDS];

/** The anchors of both kinds and what was measured. Start with {0}; clear in any case. */
typedef struct ig_measured {
    ig_anchors anchors[IG_KINDS];
    char names[IG_KINDS][IG_CURVE_NAME]; /**< columns: "dynamics_mse" */
} ig_measured;

void ig_measured_clear(ig_measured *measured);

/** Read a CSV file: a header line with the columns kind (dynamics or reward), n, error and
 *  optionally seed, in any order, others ignored; then one measurement a line. Empty lines and
 * lines that begin with # are skipped. All faults go to `diagnostics` with file, line and column
 * and give IG_ERR_CONFIG; IG_ERR_IO where the file cannot be read; IG_ERR_MEMORY. */
ig_status ig_measured_read_csv(const char *path, ig_measured *measured, ig_diagnostics *diagnostics,
                               ig_error *error);

/** Read the tables of summary.h5: the fits named A_d and A_r of the group labelled `group`
 * ("policy=uniform"; NULL: the only one). IG_ERR_USAGE for a group that is not there or not named
 * where there are several; IG_ERR_NUMERIC where merge could not fit; IG_ERR_FORMAT for files that
 * are no summary or damaged; IG_ERR_IO; IG_ERR_MEMORY. */
ig_status ig_measured_read_summary(const char *path, const char *group, ig_measured *measured,
                                   ig_error *error);

#endif
