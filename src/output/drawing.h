/** Figures, drawn where nobody else can interfere and then brought to their folder. */
#ifndef IMAGRID_REPORT_DRAWING_H
#define IMAGRID_REPORT_DRAWING_H

#include "output/files.h"

/** Write data and scripts of `what` into a folder and draw them there. */
typedef ig_status ig_draw_work(const void *what, const ig_folder *folder, ig_error *error);

/** Draw, and put all files into the folder `path`, which is made if need be; also those of a
 * drawing that failed, from which a person can go on. Older pictures of a script that made no new
 * ones go.
 */
ig_status ig_drawing_make(const char *path, ig_draw_work *draw, const void *what, ig_error *error);

/** Remove NAME.png, NAME.svg and NAME.pdf of a script NAME.gp, but those that `made` (or NULL) has
 *  anew. */
void ig_drawing_remove(const ig_folder *folder, const char *script, const ig_folder *made);

#endif
