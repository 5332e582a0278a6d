/** Tables as booktabs tabulars. */
#include <ctype.h>
#include <string.h>

#include "base/try.h"
#include "output/files.h"
#include "output/output.h"
#include "output/private.h"

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

static void put_table(const ig_shown *s, FILE *file)
{
    put_comment(s->table->title, file);
    for (size_t i = 0; i < s->table->n_notes; i++) {
        put_comment(s->table->notes[i], file);
    }
    fputs("% needs \\usepackage{booktabs} and \\usepackage[T1]{fontenc}\n\\begin{tabular}{", file);
    for (size_t c = 0; c < s->n_columns; c++) {
        fputc(s->right[c] ? 'r' : 'l', file);
    }
    fputs("}\n\\toprule\n", file);
    for (size_t c = 0; c < s->n_columns; c++) {
        fputs(c ? " & " : "", file);
        put_escaped(s->headings[c], file);
    }
    fputs(" \\\\\n\\midrule\n", file);
    for (size_t i = 0; i < s->n_rows * s->n_columns; i++) {
        const char *text = s->cells[i];
        const bool first = i % s->n_columns == 0;
        fputs(first ? "" : " & ", file);
        /* A bracket or star at the start of a row would be taken for the argument of \\. */
        fputs(first && (*text == '[' || *text == '*') ? "{}" : "", file);
        (is_numeric(text) ? put_number : put_escaped)(text, file);
        fputs((i + 1) % s->n_columns == 0 ? " \\\\\n" : "", file);
    }
    fputs("\\bottomrule\n\\end{tabular}\n", file);
}

static ig_status write_table(const ig_table *table, const ig_folder *folder, ig_error *error)
{
    AUTO(ig_shown_clear) ig_shown s = {0};
    AUTO_FREE char *name = ig_asprintf(error, "%s.tex", table->name);
    FILE *file = NULL;
    if (!name) {
        return IG_ERR_MEMORY;
    }
    TRY(ig_shown_make(table, &s, error));
    TRY(ig_text_open(folder, name, &file, error));
    put_table(&s, file);
    return ig_text_close(&file, folder, name, IG_OK, error);
}

ig_status ig_output_latex(const ig_tables *tables, const char *directory, ig_error *error)
{
    AUTO(ig_folder_close) ig_folder folder = {.fd = -1};
    TRY(ig_folder_open(directory, &folder, error));
    for (size_t i = 0; i < tables->n; i++) {
        if (!tables->tables[i]->hidden) {
            TRY(write_table(tables->tables[i], &folder, error));
        }
    }
    return IG_OK;
}
