/** Lines of the figures' data files, and what they cover. */
#include <math.h>

#include "output/figure.h"
#include "output/files.h"

void ig_extent_include(ig_extent *extent, double x, double y)
{
    ig_extent *e = extent;
    if (x > 0 && y > 0 && isfinite(x) && isfinite(y)) {
        e->x_low = fmin(e->x_low, x);
        e->x_high = fmax(e->x_high, x);
        e->y_low = fmin(e->y_low, y);
        e->y_high = fmax(e->y_high, y);
    }
}

void ig_figure_put_numbers(FILE *file, const double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char text[IG_NUMBER_TEXT];
        fprintf(file, "%s%s", i ? " " : "", ig_number_text(numbers[i], text));
    }
    fputc('\n', file);
}
