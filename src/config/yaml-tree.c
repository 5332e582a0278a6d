/** Running libyaml over a text, its complaints put in a reader's words. */
#include "config/yaml-tree.h"

#include <stdlib.h>
#include <string.h>

#include "config/yaml-build.h"

/** Line and column of a byte, both from 1; a column is a character of UTF-8. */
static void position_of(const char *bytes, size_t size, size_t offset, size_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset && i < size; i++) {
        if (bytes[i] == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)bytes[i] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

/** Whether line `line` (from 0) is indented with a tab. */
static bool tab_indents(const char *bytes, size_t size, size_t line)
{
    size_t i = 0;
    for (; line > 0 && i < size; i++) {
        line -= bytes[i] == '\n';
    }
    while (i < size && bytes[i] == ' ') {
        i++;
    }
    return i < size && bytes[i] == '\t';
}

static void report_unreadable(const yaml_parser_t *parser, const char *bytes, size_t size,
                              const char *file, ig_diagnostics *diagnostics)
{
    size_t line, column;
    position_of(bytes, size, parser->problem_offset, &line, &column);
    ig_diagnostics_add(diagnostics, file, line, column, NULL,
                       "not text: %s (byte 0x%02x at offset %zu), allowed: a YAML file in UTF-8 "
                       "without control characters",
                       parser->problem, (unsigned)parser->problem_value & 0xffU,
                       parser->problem_offset);
}

static void report_syntax(const yaml_parser_t *parser, const char *bytes, size_t size,
                          const char *file, ig_diagnostics *diagnostics)
{
    const yaml_mark_t *mark = &parser->problem_mark;
    char begun[128] = "";
    if (parser->context && parser->context_mark.line != mark->line) {
        snprintf(begun, sizeof begun, " %s that begins in line %zu", parser->context,
                 parser->context_mark.line + 1);
    } else if (parser->context) {
        snprintf(begun, sizeof begun, " %s", parser->context);
    }
    const char *hint = tab_indents(bytes, size, mark->line)
                           ? "indentation by spaces, this line has a tab"
                           : "`key: value` lines indented alike, brackets and quotes closed";
    ig_diagnostics_add(diagnostics, file, mark->line + 1, mark->column + 1, NULL,
                       "not valid YAML: %s%s, allowed: %s", parser->problem, begun, hint);
}

static ig_status parser_failed(const yaml_parser_t *parser, const char *bytes, size_t size,
                               const char *file, ig_diagnostics *diagnostics)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        return IG_ERR_MEMORY;
    }
    if (parser->error == YAML_READER_ERROR) {
        report_unreadable(parser, bytes, size, file, diagnostics);
    } else {
        report_syntax(parser, bytes, size, file, diagnostics);
    }
    return IG_ERR_CONFIG;
}

static ig_status read_events(ig_builder *builder, const char *bytes, size_t size)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        return IG_ERR_MEMORY;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
    ig_status status = IG_OK;
    bool ended = false;
    while (!status && !ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            status = parser_failed(&parser, bytes, size, builder->file, builder->diagnostics);
        } else {
            status = ig_builder_event(builder, &event);
            ended = event.type == YAML_STREAM_END_EVENT;
            yaml_event_delete(&event);
        }
    }
    yaml_parser_delete(&parser);
    return status;
}

ig_status ig_tree_parse(const char *bytes, size_t size, const char *file, ig_tree **tree,
                        ig_diagnostics *diagnostics)
{
    if (size > IG_TREE_BYTES) {
        ig_diagnostics_add(diagnostics, file, 0, 0, NULL, "%zu bytes, allowed: at most %d", size,
                           IG_TREE_BYTES);
        return IG_ERR_CONFIG;
    }
    ig_tree *made = calloc(1, sizeof *made);
    ig_builder *builder = calloc(1, sizeof *builder);
    ig_status status = IG_ERR_MEMORY;
    if (made && builder) {
        builder->tree = made;
        builder->file = file;
        builder->diagnostics = diagnostics;
        status = read_events(builder, bytes, size);
        ig_builder_clear(builder);
    }
    if (!status && !made->root) {
        ig_diagnostics_add(diagnostics, file, 1, 1, NULL,
                           "the file is empty, allowed: `key: value` lines such as "
                           "`experiment: NAME`");
        status = IG_ERR_CONFIG;
    }
    free(builder);
    if (status) {
        ig_tree_destroy(&made);
        return status;
    }
    *tree = made;
    return IG_OK;
}

void ig_tree_destroy(ig_tree **tree)
{
    ig_tree *t = tree ? *tree : NULL;
    if (!t) {
        return;
    }
    for (size_t i = 0; i < t->n_nodes; i++) {
        if (!t->nodes[i]->alias) {
            free(t->nodes[i]->text);
            free(t->nodes[i]->items);
        }
        free(t->nodes[i]);
    }
    free(t->nodes);
    free(t);
    *tree = NULL;
}

const ig_node *ig_tree_root(const ig_tree *tree)
{
    return tree->root;
}
