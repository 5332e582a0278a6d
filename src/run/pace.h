/** How long tasks take, learned from tasks that were measured. No MPI here. */
#ifndef RUN_PACE_H
#define RUN_PACE_H

#include <stdbool.h>
#include <stddef.h>

enum { IG_PACE_BINS = 96 };

/** Tasks of about one cost, and what was measured of them. */
typedef struct ig_pace_bin {
    double n, cost, seconds; /**< tasks, and the sums over them */
    bool guessed;            /**< none was finished: a task of it took longer than was expected */
} ig_pace_bin;

/** Seconds that one task may take. */
typedef struct ig_range {
    double least, most;
} ig_range;

/** Measured tasks, binned evenly in the logarithm of the cost. Plain data; no allocation. */
typedef struct ig_pace {
    double cheapest, width;            /**< cost where the first bin begins; ln(cost) of a bin */
    ig_pace_bin now[IG_PACE_BINS];     /**< measured in this session */
    ig_pace_bin earlier[IG_PACE_BINS]; /**< rows of earlier ones, perhaps of another machine */
    double squares, surprises; /**< of ln(measured / predicted): sum of squares, and how many */
    double notes, due;         /**< measurements so far; at how many `rates` is recomputed */
    bool stale;                /**< something was measured since `rates` was computed */
    /** By bin: seconds per operation at its middle, as far as is known: 0 and INFINITY where
     *  nothing is. */
    ig_range rates[IG_PACE_BINS];
} ig_pace;

/** Nothing measured yet; all costs are within cheapest ... costliest, 0 < cheapest <= costliest. */
void ig_pace_start(double cheapest, double costliest, ig_pace *pace);

/** `n` tasks that cost `cost` together took `seconds` together. Failed tasks do not count: what
 * they took says nothing of others. */
void ig_pace_note(ig_pace *pace, double n, double cost, double seconds);
/** A task of this cost was dropped after so long. Where none was ever finished, twice that counts
 *  as what they take; elsewhere it is one that predictions were wrong by. */
void ig_pace_note_longer(ig_pace *pace, double cost, double seconds);
/** Likewise, from a row that the file held already. */
void ig_pace_note_earlier(ig_pace *pace, double cost, double seconds);

/** How long a task of this cost takes.
 *
 *  Where tasks of that cost were measured: their mean, less and more two standard deviations of
 * what such predictions have been wrong by (at least 5 %, and another fifth for rows of earlier
 *  sessions). Between two measured costs: time grows with the cost, but by no more than its power
 *  5/4 (caches are left behind). Beyond the most expensive one that was measured: from there on by
 * a line through two measured costs, an overhead and a rate, with what both measurements leave
 * open; with only one, anything from no growth to the power 5/4. {0, INFINITY} while nothing is
 * known. */
ig_range ig_pace_predict(ig_pace *pace, double cost);

/** Mean seconds of a task of this cost, INFINITY where none was measured. */
double ig_pace_mean(const ig_pace *pace, double cost);

/** The highest cost of a task that is sure to fit into `seconds`: its `most` is below. 0 where none
 *  is. */
double ig_pace_within(ig_pace *pace, double seconds);

#endif
