/** A sheet as a booktabs tabular. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "output/sheet.h"

static const char *escaped(char c)
{
    switch (c) {
    case '\\':
        return "\\textbackslash{}";
    case '~':
        return "\\textasciitilde{}";
    case '^':
        return "\\textasciicircum{}";
    case '<':
        return "\\textless{}";
    case '>':
        return "\\textgreater{}";
    case '|':
        return "\\textbar{}";
    case '"':
        return "\\textquotedbl{}";
    case '{':
        return "\\{";
    case '}':
        return "\\}";
    case '$':
        return "\\$";
    case '&':
        return "\\&";
    case '#':
        return "\\#";
    case '_':
        return "\\_";
    case '%':
        return "\\%";
    default:
        return NULL;
    }
}

static void put_escaped(const char *text, FILE *stream)
{
    for (; *text; text++) {
        const char *replacement = escaped(*text);
        if (replacement) {
            fputs(replacement, stream);
        } else {
            fputc(iscntrl((unsigned char)*text) ? ' ' : *text, stream);
        }
    }
}

/** Whether a minus sign starts at `at`: a digit follows, and no letter or digit stands before. */
static bool is_minus(const char *text, const char *at)
{
    return *at == '-' && isdigit((unsigned char)at[1]) &&
           (at == text || !isalnum((unsigned char)at[-1]));
}

/** A cell of numbers: minus signs that are not hyphens, powers of ten that are not "1e-05". */
static void put_number(const char *text, FILE *stream)
{
    for (const char *at = text; *at; at++) {
        if (is_minus(text, at)) {
            fputs("$-$", stream);
        } else if (at > text && isdigit((unsigned char)at[-1]) && *at == 'e' &&
                   (isdigit((unsigned char)at[2]) || isdigit((unsigned char)at[1]))) {
            char *end;
            fprintf(stream, "$\\times 10^{%ld}$", strtol(at + 1, &end, 10));
            at = end - 1;
        } else {
            put_escaped((const char[]){*at, '\0'}, stream);
        }
    }
}

/** A comment holds anything but the end of its line. */
static void put_comment(const char *text, FILE *stream)
{
    fputs("% ", stream);
    for (; *text; text++) {
        fputc(iscntrl((unsigned char)*text) ? ' ' : *text, stream);
    }
    fputc('\n', stream);
}

/** "[0.1, 0.2]", "3/8" and "1e-05" are numbers as well, whatever the column's alignment. */
static bool is_numeric(const char *text)
{
    return *text && strspn(text, "0123456789.,+-e[]/ naif") == strlen(text);
}

void ig_sheet_latex(const ig_sheet *sheet, FILE *stream)
{
    put_comment(sheet->title, stream);
    for (size_t i = 0; i < sheet->n_notes; i++) {
        put_comment(sheet->notes[i], stream);
    }
    fputs("% needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}\n\\begin{tabular}{",
          stream);
    for (size_t c = 0; c < sheet->n_columns; c++) {
        fputc(sheet->columns[c].number ? 'r' : 'l', stream);
    }
    fputs("}\n\\toprule\n", stream);
    for (size_t c = 0; c < sheet->n_columns; c++) {
        fputs(c ? " & " : "", stream);
        put_escaped(sheet->columns[c].head, stream);
    }
    fputs(" \\\\\n\\midrule\n", stream);
    for (size_t r = 0; r < ig_sheet_rows(sheet); r++) {
        for (size_t c = 0; c < sheet->n_columns; c++) {
            const char *text = ig_sheet_at(sheet, r, c);
            fputs(c ? " & " : "", stream);
            /* A bracket or star at the start of a row would be taken for the argument of \\. */
            fputs(c == 0 && (*text == '[' || *text == '*') ? "{}" : "", stream);
            (is_numeric(text) ? put_number : put_escaped)(text, stream);
        }
        fputs(" \\\\\n", stream);
    }
    fputs("\\bottomrule\n\\end{tabular}\n", stream);
}
