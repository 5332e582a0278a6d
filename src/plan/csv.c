/** A person's own measurements. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

#include "base/number.h"
#include "base/text.h"
#include "plan/measured.h"

const char *const ig_kind_names[IG_KINDS] = {"dynamics", "reward"};

enum { COLUMN_KIND, COLUMN_N, COLUMN_ERROR, COLUMN_SEED, N_COLUMNS };
static const char *const column_names[N_COLUMNS] = {"kind", "n", "error", "seed"};
enum { LINE = 4096, FIELDS = 64, ROWS = 1000000 };

typedef struct row {
    int kind;
    double n, error;
    int64_t seed; /**< -1 where there is no such column */
    size_t line;
} row;

/** The file as far as it is read. */
typedef struct reader {
    const char *path;
    ig_diagnostics *diagnostics;
    size_t line;
    int places[N_COLUMNS]; /**< field of each column; -1: not there */
    size_t n_fields;       /**< of the header */
    row *rows;
    size_t n, room;
} reader;

void ig_measured_clear(ig_measured *measured)
{
    for (int kind = 0; kind < IG_KINDS; kind++) {
        ig_anchors_clear(&measured->anchors[kind]);
    }
}

static void refuse(const reader *r, size_t column, const char *key, const char *what,
                   const char *text)
{
    char quoted[IG_QUOTE_TEXT];
    ig_diagnostics_add(r->diagnostics, r->path, r->line, column, key, "%s%s%s%s", what,
                       text ? " '" : "", text ? ig_text_quote(text, quoted) : "", text ? "'" : "");
}

/** One field: spaces and a pair of quotes around it fall away. */
static char *trim(char *field)
{
    while (isspace((unsigned char)*field)) {
        field++;
    }
    size_t length = strlen(field);
    while (length > 0 && isspace((unsigned char)field[length - 1])) {
        field[--length] = '\0';
    }
    if (length >= 2 && field[0] == '"' && field[length - 1] == '"') {
        field[length - 1] = '\0';
        field++;
    }
    return field;
}

/** Split at commas, in place; returns the number of fields, which may exceed FIELDS. */
static size_t split(char *line, char *fields[FIELDS], size_t columns[FIELDS])
{
    size_t n = 0;
    for (char *rest = line, *field; (field = strsep(&rest, ","));) {
        if (n < FIELDS) {
            columns[n] = (size_t)(field - line) + 1;
            fields[n] = trim(field);
        }
        n++;
    }
    return n;
}

static void read_header(reader *r, char *line)
{
    char *fields[FIELDS];
    size_t columns[FIELDS];
    r->n_fields = split(line, fields, columns);
    if (r->n_fields > FIELDS) {
        refuse(r, 1, NULL, "more than 64 columns", NULL);
        return;
    }
    for (int c = 0; c < N_COLUMNS; c++) {
        r->places[c] = -1;
        for (size_t i = 0; i < r->n_fields; i++) {
            if (strcmp(fields[i], column_names[c]) == 0) {
                if (r->places[c] >= 0) {
                    refuse(r, columns[i], column_names[c], "named twice in the header", NULL);
                }
                r->places[c] = (int)i;
            }
        }
        if (r->places[c] < 0 && c != COLUMN_SEED) {
            refuse(r, 1, column_names[c],
                   "no such column; the first line names the columns kind, n, error and maybe "
                   "seed, separated by commas",
                   NULL);
        }
    }
}

static bool parse_positive(const reader *r, int c, char *const *fields, const size_t *columns,
                           double *number)
{
    int place = r->places[c];
    ig_number parsed;
    ig_number_kind kind = ig_number_parse(fields[place], &parsed);
    if ((kind != IG_NUMBER_FINITE && kind != IG_NUMBER_WHOLE) || parsed.real <= 0) {
        refuse(r, columns[place], column_names[c], "a positive number, not", fields[place]);
        return false;
    }
    if (c == COLUMN_N && parsed.real < 1) {
        refuse(r, columns[place], "n", "at least one sample, not", fields[place]);
        return false;
    }
    *number = parsed.real;
    return true;
}

static bool parse_kind(const reader *r, char *const *fields, const size_t *columns, int *kind)
{
    int place = r->places[COLUMN_KIND];
    for (int k = 0; k < IG_KINDS; k++) {
        if (strcmp(fields[place], ig_kind_names[k]) == 0) {
            *kind = k;
            return true;
        }
    }
    refuse(r, columns[place], "kind", "dynamics or reward, not", fields[place]);
    return false;
}

static bool parse_seed(const reader *r, char *const *fields, const size_t *columns, int64_t *seed)
{
    int place = r->places[COLUMN_SEED];
    ig_number parsed = {.integer = -1};
    if (place >= 0 &&
        (ig_number_parse(fields[place], &parsed) != IG_NUMBER_WHOLE || parsed.integer < 0)) {
        refuse(r, columns[place], "seed", "a whole number from 0, not", fields[place]);
        return false;
    }
    *seed = parsed.integer;
    return true;
}

static ig_status append(reader *r, const row *new, ig_error *error)
{
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : 64;
        row *rows = realloc(r->rows, room * sizeof *rows);
        if (!rows) {
            return ig_error_set(error, IG_ERR_MEMORY, "no memory for %zu measurements", room);
        }
        r->rows = rows;
        r->room = room;
    }
    r->rows[r->n++] = *new;
    return IG_OK;
}

static ig_status read_row(reader *r, char *line, ig_error *error)
{
    char *fields[FIELDS];
    size_t columns[FIELDS];
    size_t n = split(line, fields, columns);
    row new = {.line = r->line};
    if (n != r->n_fields) {
        ig_diagnostics_add(r->diagnostics, r->path, r->line, 1, NULL,
                           "%zu fields where the header has %zu", n, r->n_fields);
        return IG_OK;
    }
    bool kind = parse_kind(r, fields, columns, &new.kind);
    bool count = parse_positive(r, COLUMN_N, fields, columns, &new.n);
    bool value = parse_positive(r, COLUMN_ERROR, fields, columns, &new.error);
    bool seed = parse_seed(r, fields, columns, &new.seed);
    return kind && count && value && seed ? append(r, &new, error) : IG_OK;
}

static bool is_skipped(const char *line)
{
    while (isspace((unsigned char)*line)) {
        line++;
    }
    return *line == '\0' || *line == '#';
}

/** The next line without its end, zero-terminated; false at the end of the file. `*text` tells
 *  whether it is text and fits: fgets could not tell a zero byte in a line from its end. */
static bool next_line(FILE *file, char buffer[LINE], bool *text)
{
    size_t n = 0;
    int c;
    *text = true;
    while ((c = getc(file)) != EOF && c != '\n') {
        if (c == '\0' || n + 2 == LINE) {
            *text = false;
            return true;
        }
        buffer[n++] = (char)c;
    }
    buffer[n] = '\0';
    return !ferror(file) && (n > 0 || c != EOF);
}

static ig_status read_lines(reader *r, FILE *file, ig_error *error)
{
    char buffer[LINE];
    ig_status status = IG_OK;
    bool header = false, text;
    while (!status && next_line(file, buffer, &text)) {
        r->line++;
        if (!text) {
            refuse(r, 1, NULL, "a line that is too long or no text", NULL);
            break;
        }
        char *line = r->line == 1 && strncmp(buffer, "\xef\xbb\xbf", 3) == 0 ? buffer + 3 : buffer;
        if (is_skipped(line)) {
            continue;
        }
        if (r->n == ROWS) {
            refuse(r, 1, NULL, "more than a million measurements", NULL);
            break;
        }
        if (header) {
            status = read_row(r, line, error);
        } else {
            read_header(r, line);
            header = true;
            if (ig_diagnostics_count(r->diagnostics) > 0) {
                break;
            }
        }
    }
    if (!status && ferror(file)) {
        status = ig_error_set(error, ig_status_from_errno(errno), "%s: cannot be read: %s", r->path,
                              strerror(errno));
    }
    if (!status && !header && !ig_diagnostics_count(r->diagnostics)) {
        refuse(r, 1, NULL, "no header line", NULL);
    }
    return status;
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

/** The rows of one kind, sorted by n, as anchors. */
static ig_status make_anchors(const reader *r, int kind, ig_anchors *anchors, ig_error *error)
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
                           "a power law needs measurements at two different n, not %zu", different);
        return IG_OK;
    }
    ig_status status = ig_anchors_init(different, end - begin, anchors, error);
    for (size_t a = 0, used = 0; !status && a < different; a++) {
        const row *rows = r->rows + begin;
        size_t first = used;
        for (; used < end - begin && rows[used].n == rows[first].n; used++) {
            anchors->y[used] = rows[used].error;
        }
        size_t n = used - first;
        anchors->x[a] = rows[first].n;
        anchors->mean[a] = gsl_stats_mean(anchors->y + first, 1, n);
        anchors->sem[a] =
            n > 1 ? gsl_stats_sd(anchors->y + first, 1, n) / sqrt((double)n) : (double)NAN;
        anchors->first[a + 1] = used;
    }
    return status;
}

ig_status ig_measured_read_csv(const char *path, ig_measured *measured, ig_diagnostics *diagnostics,
                               ig_error *error)
{
    reader r = {.path = path, .diagnostics = diagnostics};
    FILE *file = fopen(path, "re");
    if (!file) {
        return ig_error_set(error, ig_status_from_errno(errno), "%s: cannot be read: %s", path,
                            strerror(errno));
    }
    ig_status status = read_lines(&r, file, error);
    if (!status && r.n > 0) {
        qsort(r.rows, r.n, sizeof *r.rows, compare_rows);
        check_repeats(&r);
    }
    for (int kind = 0; !status && kind < IG_KINDS && !ig_diagnostics_count(diagnostics); kind++) {
        snprintf(measured->names[kind], IG_CURVE_NAME, "%s", ig_kind_names[kind]);
        status = make_anchors(&r, kind, &measured->anchors[kind], error);
    }
    free(r.rows);
    fclose(file);
    if (!status && ig_diagnostics_count(diagnostics) > 0) {
        status = ig_error_set(error, IG_ERR_CONFIG, "%s has faults", path);
    }
    return status;
}
