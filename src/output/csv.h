/** Fields of RFC 4180 text. */
#ifndef IMAGRID_REPORT_CSV_H
#define IMAGRID_REPORT_CSV_H

#include <stdbool.h>
#include <stdio.h>

/** One field; quoted only where it must be. `first` leaves the comma out. */
void ig_csv_put_text(FILE *file, bool first, const char *text);
/** A comma and a number that reads back to the same double. */
void ig_csv_put_number(FILE *file, double number);
void ig_csv_end_line(FILE *file);

#endif
