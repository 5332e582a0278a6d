/** The parts of the HTML page. */
#ifndef IMAGRID_REPORT_PAGE_H
#define IMAGRID_REPORT_PAGE_H

#include "output/sheets.h"

/** Title, links to the sections, counts. */
void ig_page_head(const ig_report *report, const char *version, FILE *stream);
/** Every figure, drawn in a folder that is gone afterwards. Where they cannot be drawn the section
 *  says why, and the error is returned. */
ig_status ig_page_figures(const ig_report *report, FILE *stream, ig_error *error);
/** Failed rows with their reasons, and what is missing by grid point. */
ig_status ig_page_incomplete(const ig_report *report, FILE *stream, ig_error *error);
/** Files, versions, starts, and the resolved configuration. */
ig_status ig_page_provenance(const ig_report *report, const char *version, FILE *stream,
                             ig_error *error);

#endif
