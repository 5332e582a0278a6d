/** Text on its way into HTML. */
#ifndef IMAGRID_REPORT_HTML_H
#define IMAGRID_REPORT_HTML_H

#include <stdio.h>

/** Write text with &, <, >, " and ' escaped and control characters as spaces (line feed and tab
 *  stay); bytes that are not UTF-8 become U+FFFD. For text and for quoted attribute values. */
void ig_html_text(const char *text, FILE *stream);

/** Write bytes in base64. */
void ig_html_base64(const unsigned char *bytes, size_t n, FILE *stream);

#endif
