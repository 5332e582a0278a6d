/** Power laws of the experiment's columns: grid points that share every other axis belong to one
 *  law. */
#ifndef RESULTS_LAWS_H
#define RESULTS_LAWS_H

#include "results/power-law.h"
#include "results/rows.h"

enum {
    IG_LAW_BAND = 101,  /**< x positions of a fitted line */
    IG_LAW_REASON = 200 /**< bytes of why a fit was not possible */
};

/** What the paper reports; NaN where it (or the experiment) says nothing. */
typedef struct ig_published {
    double value, low, high;
} ig_published;

/** An ig_fit of the experiment at one combination of the other axes. */
typedef struct ig_law {
    const ig_fit *fit;
    size_t column;  /**< index into the rows' columns */
    size_t axis;    /**< key index of the axis */
    size_t *points; /**< the n_points grid points of the group, in grid order; owned */
    size_t n_points;
    char label[IG_LABEL]; /**< the other axes that vary, "policy=uniform"; may be empty */
    bool fitted;          /**< else `reason` says why not, and `law` is all NaN */
    char reason[IG_LAW_REASON];
    ig_power_law law;          /**< seeds resampled within each anchor */
    size_t n, failed, missing; /**< tasks of the group by state; n are finished */
    size_t n_whole;            /**< seeds that are finished at every axis value with results */
    ig_power_law whole; /**< the fit to those, whole seeds resampled; all NaN where grid points do
                             not share random numbers or it is not possible */
    size_t single;      /**< anchors with one seed: the bootstrap cannot see their spread */
    ig_published published;                                     /**< exponent */
    double x[IG_LAW_BAND], low[IG_LAW_BAND], high[IG_LAW_BAND]; /**< 95 % band of the line */
} ig_law;

/** Laws in the order of the experiment's fits, those of a fit in grid order. Start with {0}. */
typedef struct ig_laws {
    ig_law *laws;
    size_t n;
} ig_laws;

/** A group that no power law fits is noted, not an error. */
ig_status ig_laws_fit(const ig_rows *rows, const ig_fits *fits, ig_laws *laws, ig_error *error);
void ig_laws_clear(ig_laws *laws);

#endif
