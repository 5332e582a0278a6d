/** Everything on one HTML page that needs nothing but itself. */
#include <math.h>
#include <string.h>

#include "base/try.h"
#include "output/embedded.h"
#include "output/files.h"
#include "output/output.h"
#include "output/private.h"

/* The first lines of every page, by which one is known. */
#define MARK "<!doctype html>\n<!-- imagrid report -->\n"

/* Nothing may be loaded from anywhere, and no script may run. */
static const char opening[] = MARK
    "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>";

/** A page in the making. */
typedef struct page {
    const ig_merged *merged;
    const char *version;
    ig_error *undrawn; /**< gets what kept the figures from being drawn, which stops nothing */
} page;

static void put_tile(const char *class, const char *name, const char *number, FILE *stream)
{
    fprintf(stream, "<div%s%s%s><dt>%s</dt><dd>%s</dd></div>\n", class[0] ? " class=\"" : "", class,
            class[0] ? "\"" : "", name, number);
}

static void put_count(const char *class, const char *name, size_t count, FILE *stream)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", count);
    put_tile(class, name, text, stream);
}

static void put_tiles(const ig_rows *rows, FILE *stream)
{
    char hours[32];
    snprintf(hours, sizeof hours, "%.3g", ig_rows_work(rows).seconds / 3600);
    fputs("<dl class=\"tiles\">\n", stream);
    put_count(rows->done == rows->n_tasks ? "good" : "", "tasks done", rows->done, stream);
    put_count(rows->failed ? "bad" : "", "failed", rows->failed, stream);
    put_count(rows->missing ? "bad" : "", "missing", rows->missing, stream);
    put_count("", "grid points", rows->n_points, stream);
    put_count("", "seeds", rows->n_seeds, stream);
    put_tile("", "core-hours", hours, stream);
    fputs("</dl>\n", stream);
}

/** Title, links to the sections, counts. */
static void put_head(const page *p, FILE *stream)
{
    const ig_rows *rows = &p->merged->rows;
    fputs("<header>\n<h1>", stream);
    ig_html_text(rows->experiment->title, stream);
    fputs("</h1>\n<p class=\"soft\">Experiment ", stream);
    ig_html_text(rows->experiment->schema.experiment, stream);
    fputs(", configuration <span class=\"mono\">", stream);
    ig_html_text(ig_config_hash(rows->config), stream);
    fputs("</span>; made by ", stream);
    ig_html_text(p->version, stream);
    fputs("</p>\n<nav>", stream);
    fputs(p->merged->figures.n > 0 ? "<a href=\"#figures\">Figures</a>" : "", stream);
    fputs("<a href=\"#tables\">Tables</a><a href=\"#incomplete\">Failed and missing</a>"
          "<a href=\"#provenance\">Provenance</a><a href=\"#configuration\">Configuration</a>"
          "</nav>\n",
          stream);
    put_tiles(rows, stream);
    fputs("</header>\n", stream);
}

/** One picture, as data. */
static ig_status put_picture(const ig_figure *figure, size_t number, const ig_folder *folder,
                             FILE *stream, ig_error *error)
{
    AUTO_FREE char *name = ig_figure_file(figure, number, ".svg", error), *svg = NULL;
    size_t size = 0;
    if (!name) {
        return IG_ERR_MEMORY;
    }
    TRY(ig_file_bytes(folder, name, &svg, &size, error));
    fputs("<figure class=\"picture\">\n<figcaption>", stream);
    ig_html_text(figure->title, stream);
    fputs("</figcaption>\n<div class=\"box drawing\" role=\"region\" tabindex=\"0\" aria-label=\"",
          stream);
    ig_html_text(figure->title, stream);
    fputs("\"><img alt=\"", stream);
    ig_html_text(figure->title, stream);
    fputs("; the numbers are in the tables\" src=\"data:image/svg+xml;base64,", stream);
    ig_html_base64((const unsigned char *)svg, size, stream);
    fputs("\"></div>\n</figure>\n", stream);
    return IG_OK;
}

static ig_status draw_figures(const ig_figures *figures, FILE *stream, ig_error *error)
{
    AUTO(ig_scratch_close) ig_scratch scratch = IG_SCRATCH;
    TRY(ig_scratch_open(&scratch, error));
    TRY(ig_draw(figures, &scratch.folder, error));
    for (size_t i = 0; i < figures->n; i++) {
        for (size_t k = 0; k < ig_figure_pages(figures->figures[i]); k++) {
            TRY(put_picture(figures->figures[i], k, &scratch.folder, stream, error));
        }
    }
    return IG_OK;
}

static void put_figures(const page *p, FILE *stream)
{
    if (p->merged->figures.n == 0) {
        return;
    }
    fputs("<section id=\"figures\">\n<h2>Figures</h2>\n", stream);
    if (draw_figures(&p->merged->figures, stream, p->undrawn)) {
        fputs("<p class=\"error\">The figures could not be drawn: ", stream);
        ig_html_text(p->undrawn->text, stream);
        fputs("</p>\n", stream);
    }
    fputs("</section>\n", stream);
}

/** Every table for people that has rows or, if wanted, none. */
static ig_status put_tables(const ig_tables *tables, bool empty, FILE *stream, ig_error *error)
{
    for (size_t i = 0; i < tables->n; i++) {
        const ig_table *table = tables->tables[i];
        if (!table->hidden && (empty || ig_table_rows(table) > 0)) {
            TRY(ig_output_html(table, stream, error));
        }
    }
    return IG_OK;
}

/** What failed tasks left behind, to be unfolded one by one. */
static void put_texts(const ig_tables *incomplete, FILE *stream)
{
    const ig_table *table = ig_tables_find(incomplete, "texts");
    for (size_t i = 0; i < ig_table_rows(table); i++) {
        fputs("<details><summary>", stream);
        ig_html_text(ig_table_at(table, i, 0)->text, stream);
        fprintf(stream, ", seed %llu</summary>\n<pre tabindex=\"0\">",
                (unsigned long long)ig_table_at(table, i, 1)->count);
        ig_html_text(ig_table_at(table, i, 2)->text, stream);
        fputs("</pre></details>\n", stream);
    }
}

static ig_status put_incomplete(const ig_merged *merged, FILE *stream, ig_error *error)
{
    const ig_rows *rows = &merged->rows;
    fputs("<section id=\"incomplete\">\n<h2>Failed and missing</h2>\n", stream);
    fputs(rows->failed + rows->missing == 0 ? "<p>Every task of the grid is done.</p>\n" : "",
          stream);
    TRY(put_tables(&merged->incomplete, false, stream, error));
    put_texts(&merged->incomplete, stream);
    if (rows->damaged) {
        fprintf(stream,
                "<p class=\"error\">%zu rows do not match their checksums and were not "
                "used.</p>\n",
                rows->damaged);
    }
    fputs("</section>\n", stream);
    return IG_OK;
}

static void put_fact(const char *name, const char *text, FILE *stream)
{
    fprintf(stream, "<dt>%s</dt><dd>", name);
    ig_html_text(text && text[0] ? text : "-", stream);
    fputs("</dd>\n", stream);
}

static void put_facts(const page *p, FILE *stream)
{
    static const char *const attributes[][2] = {
        {"imagrid_version", "Version that ran"},
        {"revision", "Revision"},
        {"compiler", "Compiler"},
        {"flags", "Flags"},
        {"libraries", "Libraries"},
        {"isa", "Instruction set"},
    };
    const ig_rows *rows = &p->merged->rows;
    fputs("<dl class=\"facts\">\n", stream);
    for (size_t i = 0; i < rows->n_paths; i++) {
        put_fact(i ? "" : "Files", rows->paths[i], stream);
    }
    put_fact("Configuration hash", ig_config_hash(rows->config), stream);
    put_fact("Version that merged", p->version, stream);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        put_fact(attributes[i][1], ig_store_attribute(rows->store, attributes[i][0]), stream);
    }
    fprintf(stream, "<dt>Intervals</dt><dd>bootstrap, %s, %zu resamples</dd>\n</dl>\n",
            rows->how.interval == IG_INTERVAL_BCA ? "BCa" : "percentiles", rows->how.resamples);
}

static ig_status put_provenance(const page *p, FILE *stream, ig_error *error)
{
    fputs("<section id=\"provenance\">\n<h2>Provenance</h2>\n", stream);
    put_facts(p, stream);
    TRY(put_tables(&p->merged->sessions, true, stream, error));
    fputs("</section>\n<section id=\"configuration\">\n<h2>Configuration, with all defaults filled "
          "in</h2>\n<pre tabindex=\"0\">",
          stream);
    ig_html_text(ig_config_resolved(p->merged->rows.config), stream);
    fputs("</pre>\n</section>\n", stream);
    return IG_OK;
}

static ig_status put_page(const void *what, FILE *stream, ig_error *error)
{
    const page *p = what;
    fputs(opening, stream);
    ig_html_text(p->merged->rows.experiment->title, stream);
    fputs("</title>\n<style>\n", stream);
    for (const char *const *line = ig_embedded_page; *line; line++) {
        fputs(*line, stream);
    }
    fputs("</style>\n</head>\n<body>\n", stream);
    put_head(p, stream);
    fputs("<main>\n", stream);
    put_figures(p, stream);
    fputs("<section id=\"tables\">\n<h2>Tables</h2>\n", stream);
    TRY(put_tables(&p->merged->tables, true, stream, error));
    fputs("</section>\n", stream);
    TRY(put_incomplete(p->merged, stream, error));
    TRY(put_provenance(p, stream, error));
    fputs("</main>\n</body>\n</html>\n", stream);
    return IG_OK;
}

ig_status ig_output_page(const ig_merged *merged, const char *version, const char *path,
                         ig_error *error)
{
    ig_error undrawn = {0};
    const page p = {merged, version, &undrawn};
    TRY(ig_document_write(path, MARK, "a report", put_page, &p, error));
    return undrawn.status ? ig_error_set(error, undrawn.status, "%s is without its figures: %s",
                                         path, undrawn.text)
                          : IG_OK;
}
