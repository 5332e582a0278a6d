/** A figure: what an analysis draws. Made once; src/output draws it with gnuplot.
 *
 *  A figure has panels, a panel series. The key, one for all panels, has an entry for each
 * different title, in order; series that share a title share its entry, so that a line and its
 * points are shown together. A titled series of no points explains what others look like, which
 * have no title of their own. Points that are not finite, or not positive on a logarithmic axis,
 * are left out by whoever draws; bars that leave it end at its edge. Memory that runs short sticks,
 * as in tables. */
#ifndef RESULTS_FIGURE_H
#define RESULTS_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "imagrid/error.h"

typedef enum ig_series_kind {
    IG_SERIES_POINTS,   /**< marks at (x, y), bars from low to high where these are given */
    IG_SERIES_LINE,     /**< a line through (x, y), broken where y is NaN */
    IG_SERIES_BAND,     /**< shaded between low and high */
    IG_SERIES_STEPS,    /**< stairs through (x, y), such as an ECDF */
    IG_SERIES_OPTIMUM,  /**< large open circles at (x, y) */
    IG_SERIES_DIAMOND,  /**< open diamonds at (x, y), such as published figures */
    IG_SERIES_VERTICAL, /**< lines across the panel at every x; outside the axis just within */
    IG_SERIES_LEVEL,    /**< lines across the panel at every y */
    IG_SERIES_DIAGONAL  /**< the line y = x; no data */
} ig_series_kind;

enum { IG_STYLE_BLACK = -1, IG_STYLE_GREY = -2 };

typedef struct ig_figure_series {
    ig_series_kind kind;
    int style;                  /**< number of colour and mark, from 0; or IG_STYLE_... */
    int dash;                   /**< 0: solid; 1 ... 5: distinguishable patterns */
    char *title;                /**< in the key; NULL: not there; owned */
    double *x, *y, *low, *high; /**< n each; y, low, high may be NULL by kind; owned */
    size_t n;
} ig_figure_series;

typedef struct ig_figure_axis {
    char *label; /**< with units; owned */
    bool log;
    double low, high; /**< NaN: from the data, with a little air */
    bool odds;        /**< marks "10 : 1", "1 : 100" instead of numbers */
} ig_figure_axis;

typedef struct ig_panel {
    struct ig_figure *figure; /**< that it is part of */
    char *title;              /**< may be empty; owned */
    ig_figure_axis x, y;
    ig_figure_series *series;
    size_t n;
} ig_panel;

typedef struct ig_figure {
    char *name;       /**< of its files, without suffix: letters, digits, '-', '_'; owned */
    char *title;      /**< owned */
    char *footer;     /**< small, in the corner: configuration and version; owned */
    bool square;      /**< both axes have the same scale */
    ig_panel *panels; /**< more than IG_FIGURE_PANELS go on in NAME-2, NAME-3... */
    size_t n;
    ig_status status; /**< IG_OK or IG_ERR_MEMORY */
} ig_figure;

enum { IG_FIGURE_PANELS = 12 };

/** Several figures, owned. Start with {0}. */
typedef struct ig_figures {
    ig_figure **figures;
    size_t n;
    ig_status status;
} ig_figures;

/** Append a figure without panels; never NULL. */
ig_figure *ig_figures_add(ig_figures *figures, const char *name, const char *title,
                          const char *footer);
ig_status ig_figures_status(const ig_figures *figures, ig_error *error);
void ig_figures_clear(ig_figures *figures);

/** Append a panel with linear axes whose ranges come from the data; never NULL. Valid until the
 *  next panel. */
ig_panel *ig_figure_panel(ig_figure *figure, const char *title, const char *x_label,
                          const char *y_label);
/** Append a series of n points to a panel and return it, arrays zeroed, to be filled: x always, y
 *  but for bands and vertical lines, low and high for bands and for points with `bars`. Never NULL,
 *  but where memory is short n is 0. Valid until the panel's next series. */
ig_figure_series *ig_panel_series(ig_panel *panel, ig_series_kind kind, size_t n, bool bars,
                                  int style, int dash);
/** Numbers that stand elsewhere: n of each, `stride` bytes apart; NULL for what a kind has not. */
typedef struct ig_numbers {
    size_t n, stride;
    const double *x, *y, *low, *high;
} ig_numbers;
/** ig_panel_series with a copy of these numbers. */
ig_figure_series *ig_panel_copy(ig_panel *panel, ig_series_kind kind, ig_numbers numbers, int style,
                                int dash);
/** Let an axis show low ... high (positive where it is logarithmic) and a little air; 1 ... 10
 * where low > high. */
void ig_axis_range(ig_figure_axis *axis, double low, double high);
/** Set the title of a panel's series as printf does. */
void ig_series_title(ig_panel *panel, ig_figure_series *series, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Append an entry of the key without points, for what other series have in common. */
void ig_panel_explain(ig_panel *panel, ig_series_kind kind, int style, int dash, const char *format,
                      ...) __attribute__((format(printf, 5, 6)));

#endif
