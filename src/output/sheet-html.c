/** A sheet as a figure of an HTML page. */
#include <string.h>

#include "output/html.h"
#include "output/sheet.h"

/* A table longer than this scrolls in its box; a text longer than this may take several lines. */
enum { TALL = 40, LONG = 48 };

static void put_head(const ig_sheet *sheet, FILE *stream)
{
    fputs("<thead><tr>", stream);
    for (size_t c = 0; c < sheet->n_columns; c++) {
        fprintf(stream, "<th scope=\"col\"%s>", sheet->columns[c].number ? " class=\"n\"" : "");
        ig_html_text(sheet->columns[c].head, stream);
        fputs("</th>", stream);
    }
    fputs("</tr></thead>\n<tbody>\n", stream);
}

static void put_row(const ig_sheet *sheet, size_t row, FILE *stream)
{
    fputs("<tr>", stream);
    for (size_t c = 0; c < sheet->n_columns; c++) {
        const char *text = ig_sheet_at(sheet, row, c);
        const char *class = sheet->columns[c].number ? " class=\"n\""
                            : strlen(text) > LONG    ? " class=\"long\""
                                                     : "";
        fprintf(stream, c == 0 ? "<th scope=\"row\"%s>" : "<td%s>", class);
        ig_html_text(text, stream);
        fputs(c == 0 ? "</th>" : "</td>", stream);
    }
    fputs("</tr>\n", stream);
}

void ig_sheet_html(const ig_sheet *sheet, FILE *stream)
{
    const bool tall = ig_sheet_rows(sheet) > TALL;
    fprintf(stream, "<figure id=\"%s\"%s>\n<figcaption id=\"%s-title\">", sheet->name,
            tall ? " class=\"long\"" : "", sheet->name);
    ig_html_text(sheet->title, stream);
    fprintf(stream,
            "</figcaption>\n<div class=\"box%s\" role=\"region\" tabindex=\"0\" "
            "aria-labelledby=\"%s-title\">\n<table>\n",
            tall ? " tall" : "", sheet->name);
    put_head(sheet, stream);
    for (size_t r = 0; r < ig_sheet_rows(sheet); r++) {
        put_row(sheet, r, stream);
    }
    fputs("</tbody>\n</table>\n</div>\n", stream);
    if (sheet->n_notes > 0) {
        fputs("<ul class=\"notes\">\n", stream);
    }
    for (size_t i = 0; i < sheet->n_notes; i++) {
        fputs("<li>", stream);
        ig_html_text(sheet->notes[i], stream);
        fputs("</li>\n", stream);
    }
    fputs(sheet->n_notes > 0 ? "</ul>\n</figure>\n" : "</figure>\n", stream);
}
