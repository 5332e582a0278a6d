/** The date inside of a PDF file. */
#ifndef IMAGRID_REPORT_PDF_DATE_H
#define IMAGRID_REPORT_PDF_DATE_H

#include "output/files.h"

/** Overwrite the creation date of the picture beside SCRIPT (FIGURE.gp, FIGURE.pdf) with
 *  2000-01-01, of the same length, so that the same data give the same bytes. Nothing is done where
 *  there is no such file or date. IG_ERR_IO. */
ig_status ig_pdf_clear_date(const ig_folder *folder, const char *script, ig_error *error);

#endif
