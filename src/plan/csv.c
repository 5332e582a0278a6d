/** A person's own measurements as CSV (RFC 4180 and what spreadsheets make of it). */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/foreign.h"
#include "base/text.h"
#include "base/try.h"
#include "plan/plan.h"

enum { COLUMN_KIND, COLUMN_N, COLUMN_ERROR, COLUMN_SEED, N_COLUMNS };
static const char *const column_names[N_COLUMNS] = {"kind", "n", "error", "seed"};
enum { FIELD_MAX = 256, FIELDS_MAX = 64, ROWS_MAX = 1000000 };

typedef struct row {
    int kind;
    double n, error;
    int64_t seed; /**< -1 where there is no such column */
    size_t line;
} row;

typedef struct field {
    char text[FIELD_MAX];
    size_t line, column; /**< of its first byte, from 1 */
} field;

/** The file as far as it is read. */
typedef struct reader {
    const char *path;
    ig_diagnostics *diagnostics;
    const char *at, *end;   /**< next byte, and the zero byte behind the last */
    const char *line_begin; /**< first byte of the current line */
    size_t line, row_line;  /**< current line, and the one in which the row began; from 1 */
    char separator;
    field fields[FIELDS_MAX]; /**< of the current row */
    size_t n_fields;          /**< met in it */
    int places[N_COLUMNS];    /**< field of each column; -1: not there */
    size_t n_header_fields;
    row *rows; /**< owned */
    size_t n;
    char *bytes; /**< of the whole file; owned */
    bool zero;   /**< a zero byte ended the file early */
    FILE *file;  /**< owned */
} reader;

/** What is wrong with the row. */
static void reject_row(const reader *r, const char *what)
{
    ig_diagnostics_add(r->diagnostics, r->path, r->row_line, 1, NULL, "%s", what);
}

static void reject(const reader *r, const field *f, const char *key, const char *what)
{
    char quoted[IG_QUOTE_TEXT];
    ig_diagnostics_add(r->diagnostics, r->path, f->line, f->column, key, "%s '%s'", what,
                       ig_text_quote(f->text, quoted));
}

/** False where a column is missing. */
static bool read_header(reader *r)
{
    r->n_header_fields = r->n_fields;
    for (int c = 0; c < N_COLUMNS; c++) {
        r->places[c] = -1;
        for (size_t i = 0; i < r->n_fields; i++) {
            if (strcasecmp(r->fields[i].text, column_names[c]) == 0) {
                if (r->places[c] >= 0) {
                    ig_diagnostics_add(r->diagnostics, r->path, r->fields[i].line,
                                       r->fields[i].column, column_names[c],
                                       "named twice in the header");
                }
                r->places[c] = (int)i;
            }
        }
        if (r->places[c] < 0 && c != COLUMN_SEED) {
            ig_diagnostics_add(
                r->diagnostics, r->path, r->row_line, 1, column_names[c],
                "no such column; the first line names the columns kind, n, error and maybe "
                "seed, separated by commas");
        }
    }
    return ig_diagnostics_count(r->diagnostics) == 0;
}

static const field *field_of(const reader *r, int c)
{
    return &r->fields[r->places[c]];
}

static bool parse_positive(reader *r, int c, double *number)
{
    const field *f = field_of(r, c);
    ig_number parsed;
    char text[FIELD_MAX];
    snprintf(text, sizeof text, "%s", f->text);
    char *comma = r->separator == ';' ? strchr(text, ',') : NULL;
    if (comma) {
        *comma = '.';
    }
    const ig_number_kind kind = ig_number_parse(text, &parsed);
    if ((kind != IG_NUMBER_FINITE && kind != IG_NUMBER_WHOLE) || parsed.real <= 0) {
        reject(r, f, column_names[c],
               strchr(text, ',') ? "a positive number without thousands separators, not"
                                 : "a positive number, not");
        return false;
    }
    if (c == COLUMN_N && parsed.real < 1) {
        reject(r, f, "n", "at least one sample, not");
        return false;
    }
    *number = parsed.real;
    return true;
}

static bool parse_kind(reader *r, int *kind)
{
    const field *f = field_of(r, COLUMN_KIND);
    for (int k = 0; k < IG_KINDS; k++) {
        if (strcmp(f->text, ig_kind_names[k]) == 0) {
            *kind = k;
            return true;
        }
    }
    reject(r, f, "kind", "dynamics or reward, not");
    return false;
}

static bool parse_seed(reader *r, int64_t *seed)
{
    ig_number parsed = {.integer = -1};
    if (r->places[COLUMN_SEED] >= 0) {
        const field *f = field_of(r, COLUMN_SEED);
        if (ig_number_parse(f->text, &parsed) != IG_NUMBER_WHOLE || parsed.integer < 0) {
            reject(r, f, "seed", "a whole number of at least 0, not");
            return false;
        }
    }
    *seed = parsed.integer;
    return true;
}

static ig_status read_row(reader *r, ig_error *error)
{
    row new = {.line = r->row_line};
    if (r->n_fields != r->n_header_fields) {
        ig_diagnostics_add(r->diagnostics, r->path, r->row_line, 1, NULL,
                           "%zu fields where the header has %zu", r->n_fields, r->n_header_fields);
        return IG_OK;
    }
    if (r->n == ROWS_MAX) {
        reject_row(r, "more than a million measurements");
        r->at = r->end;
        return IG_OK;
    }
    const bool kind = parse_kind(r, &new.kind);
    const bool count = parse_positive(r, COLUMN_N, &new.n);
    const bool value = parse_positive(r, COLUMN_ERROR, &new.error);
    const bool seed = parse_seed(r, &new.seed);
    if (kind && count && value && seed) {
        TRY(IG_GROW(r->rows, r->n + 1, error));
        r->rows[r->n++] = new;
    }
    return IG_OK;
}

/** One field, from r->at on; `*end` gets the byte that ends it, '\0' at the end of the file. Blanks
 *  and a pair of quotes around it fall away; within quotes separators and line ends are text, and
 *  "" is a quote. False where it is too long or not text. */
static bool read_field(reader *r, field *f, char *end)
{
    const char *at = r->at;
    size_t n = 0;
    bool fits = true;
    while (*at == ' ' || *at == '\t') {
        at++;
    }
    f->line = r->line;
    f->column = (size_t)(at - r->line_begin) + 1;
    const bool quoted = *at == '"';
    for (at += quoted; at < r->end; at++) {
        if (quoted && at[0] == '"' && *++at != '"') {
            break;
        }
        if (!quoted && (*at == r->separator || *at == '\n' || *at == '\r')) {
            break;
        }
        if (*at == '\n') {
            r->line++;
            r->line_begin = at + 1;
        }
        fits = fits && *at && n + 1 < FIELD_MAX;
        if (fits) {
            f->text[n++] = *at;
        }
    }
    while (!quoted && n > 0 && (f->text[n - 1] == ' ' || f->text[n - 1] == '\t')) {
        n--;
    }
    f->text[n] = '\0';
    while (at < r->end && *at != r->separator && *at != '\n' && *at != '\r') {
        fits = fits && (*at == ' ' || *at == '\t');
        at++;
    }
    *end = *at;
    r->at = at < r->end ? at + 1 : at;
    return fits;
}

/** The fields of one row; false where nothing more is worth reading. */
static bool read_fields(reader *r)
{
    char end;
    r->n_fields = 0;
    r->row_line = r->line;
    r->line_begin = r->at;
    do {
        field more, *f = r->n_fields < FIELDS_MAX ? &r->fields[r->n_fields] : &more;
        if (!read_field(r, f, &end)) {
            reject_row(r, "a line that is too long or not text");
            return false;
        }
        r->n_fields++;
    } while (end == r->separator);
    if (end == '\r' && r->at < r->end && *r->at == '\n') {
        r->at++;
    }
    r->line++;
    if (r->n_fields > FIELDS_MAX) {
        reject_row(r, "more than 64 columns");
        return false;
    }
    return true;
}

/** Remarks, and lines with nothing in them, such as the empty rows of a spreadsheet. */
static bool skip_line(reader *r)
{
    const char *at = r->at;
    const size_t blank = strspn(at, (char[]){' ', '\t', r->separator, '\0'});
    if (at[blank] != '#' && at[blank] != '\n' && at[blank] != '\r' && at + blank != r->end) {
        return false;
    }
    at += strcspn(at, "\n\r");
    at += *at == '\r' && at[1] == '\n';
    r->at = at < r->end ? at + 1 : at;
    r->line++;
    return true;
}

/** Semicolons separate the fields in spreadsheets of countries that write decimal commas. */
static char find_separator(const char *header)
{
    const size_t line = strcspn(header, "\n\r");
    return !memchr(header, ',', line) && memchr(header, ';', line) ? ';' : ',';
}

static ig_status read_rows(reader *r, ig_error *error)
{
    bool header = false;
    if (strncmp(r->at, "\xef\xbb\xbf", 3) == 0) {
        r->at += 3;
    }
    while (r->at < r->end) {
        if (skip_line(r)) {
            continue;
        }
        if (!header) {
            r->separator = find_separator(r->at);
        }
        if (!read_fields(r)) {
            break;
        }
        if (header) {
            TRY(read_row(r, error));
        } else if (!read_header(r)) {
            break;
        }
        header = true;
    }
    if (!header && !ig_diagnostics_count(r->diagnostics)) {
        r->row_line = r->line - 1;
        reject_row(r, "no header line");
    }
    return IG_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const row *p = a, *q = b;
    if (p->kind != q->kind) {
        return p->kind - q->kind;
    }
    if (p->n != q->n) {
        return p->n < q->n ? -1 : 1;
    }
    if (p->seed != q->seed) {
        return p->seed < q->seed ? -1 : 1;
    }
    return (p->line > q->line) - (p->line < q->line);
}

static void check_repeats(reader *r)
{
    for (size_t i = 1; i < r->n; i++) {
        const row *p = &r->rows[i - 1], *q = &r->rows[i];
        if (q->seed >= 0 && p->seed == q->seed && p->kind == q->kind && p->n == q->n) {
            ig_diagnostics_add(r->diagnostics, r->path, q->line, 1, "seed",
                               "%s with n = %.15g and seed %lld is in line %zu already",
                               ig_kind_names[q->kind], q->n, (long long)q->seed, p->line);
        }
    }
}

/** The rows of one kind, sorted by n. */
static ig_status make_measured(const reader *r, int kind, ig_measured *measured, ig_error *error)
{
    size_t begin = 0, end, different = 0;
    while (begin < r->n && r->rows[begin].kind < kind) {
        begin++;
    }
    for (end = begin; end < r->n && r->rows[end].kind == kind; end++) {
        different += end == begin || r->rows[end].n != r->rows[end - 1].n;
    }
    if (different < 2) {
        ig_diagnostics_add(r->diagnostics, r->path, 0, 0, ig_kind_names[kind],
                           "a law needs measurements at two different n, not %zu", different);
        return IG_OK;
    }
    const bool seeds = r->places[COLUMN_SEED] >= 0;
    TRY(ig_measured_init(different, end - begin, seeds, measured, error));
    for (size_t k = 0, i = 0; k < end - begin; k++) {
        const row *from = r->rows + begin + k;
        i += k > 0 && from->n != from[-1].n;
        measured->x[i] = from->n;
        measured->y[k] = from->error;
        measured->first[i + 1] = k + 1;
        if (seeds) {
            measured->seed[k] = (size_t)from->seed;
        }
    }
    snprintf(measured->name, sizeof measured->name, "%s", ig_kind_names[kind]);
    ig_measured_describe(measured);
    measured->shared = ig_measured_has_same_seeds(measured);
    return IG_OK;
}

static void reader_clear(reader *r)
{
    free(r->rows);
    free(r->bytes);
    if (r->file) {
        fclose(r->file);
    }
}

/** The whole file, zero-terminated: a text holds no zero byte, which ends it early. */
static ig_status read_file(reader *r, ig_error *error)
{
    size_t room = 0;
    r->file = fopen(r->path, "re");
    const ssize_t size = r->file ? getdelim(&r->bytes, &room, '\0', r->file) : -1;
    if (!r->file || ferror(r->file) || (size < 0 && !feof(r->file))) {
        return ig_error_set(error, ig_status_from_errno(errno), "%s: cannot be read: %s", r->path,
                            strerror(errno));
    }
    r->at = size < 0 ? "" : r->bytes;
    r->end = r->at + (size < 0 ? 0 : size);
    r->zero = size > 0 && r->bytes[size - 1] == '\0';
    return IG_OK;
}

/** IG_ERR_CONFIG where the file is of another format. */
static ig_status want_text(const reader *r, ig_error *error)
{
    const unsigned char *start = (const unsigned char *)r->at;
    const size_t n = (size_t)(r->end - r->at);
    const char *foreign =
        ig_is_hdf5(start, n)
            ? "an HDF5 file: --fits takes the summary that `imagrid merge OUT.h5 -o SUMMARY.h5` "
              "writes"
            : ig_foreign_signature(start, n);
    return foreign ? ig_error_set(error, IG_ERR_CONFIG, "%s: is no table of measurements, but %s",
                                  r->path, foreign)
                   : IG_OK;
}

ig_status ig_measured_read_csv(const char *path, ig_measured measured[IG_KINDS],
                               ig_diagnostics *diagnostics, ig_error *error)
{
    AUTO(reader_clear) reader r = {.path = path, .diagnostics = diagnostics, .line = 1};
    TRY(read_file(&r, error));
    TRY(want_text(&r, error));
    TRY(read_rows(&r, error));
    if (r.zero && !ig_diagnostics_count(diagnostics)) {
        r.row_line = r.line - 1;
        reject_row(&r, "a zero byte: this is not text");
    }
    if (r.n > 0) {
        qsort(r.rows, r.n, sizeof *r.rows, compare_rows);
        check_repeats(&r);
    }
    for (int kind = 0; kind < IG_KINDS && !ig_diagnostics_count(diagnostics); kind++) {
        TRY(make_measured(&r, kind, &measured[kind], error));
    }
    return ig_diagnostics_count(diagnostics) > 0
               ? ig_error_set(error, IG_ERR_CONFIG, "%s has faults", path)
               : IG_OK;
}
