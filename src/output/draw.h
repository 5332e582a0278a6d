/** Figures on their way to gnuplot, for pages that hold them; most want ig_output_draw. */
#ifndef OUTPUT_DRAW_H
#define OUTPUT_DRAW_H

#include "output/files.h"
#include "results/figure.h"

/** Write data and script of every figure into a folder in which nobody else can write, and run
 *  gnuplot there. Messages send a person to `folder->path`, where that is not NULL. IG_ERR_IO where
 *  gnuplot is missing or fails, without pictures of that figure then; its own messages go
 *  nowhere. */
ig_status ig_draw(const ig_figures *figures, const ig_folder *folder, ig_error *error);

/** Number of pictures that a figure takes, IG_FIGURE_PANELS panels to a picture. */
size_t ig_figure_pages(const ig_figure *figure);
/** NAME.svg or NAME-2.svg: file of picture `number`, from 0; `suffix` has the dot. malloc'd. */
char *ig_figure_file(const ig_figure *figure, size_t number, const char *suffix, ig_error *error);

#endif
