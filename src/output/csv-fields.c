#include "output/csv.h"

#include <string.h>

#include "output/files.h"

void ig_csv_put_text(FILE *file, bool first, const char *text)
{
    if (!first) {
        fputc(',', file);
    }
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text; text++) {
        if (*text == '"') {
            fputc('"', file);
        }
        fputc(*text, file);
    }
    fputc('"', file);
}

void ig_csv_put_number(FILE *file, double number)
{
    char text[IG_NUMBER_TEXT];
    ig_csv_put_text(file, false, ig_number_text(number, text));
}

void ig_csv_end_line(FILE *file)
{
    fputs("\r\n", file);
}
